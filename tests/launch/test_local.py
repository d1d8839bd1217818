"""Units on this machine: bound to cores, and this process is not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tenfold.resources import Resources
from tenfold.runs.launch import Exit, LocalLauncher
from tenfold.runs.launch import local as local_module
from tenfold.runs.launch.process import Processes
from tenfold.runs.launch.unit import Unit

SAYS_CORES = "import json, os; print(json.dumps({'cores': sorted(os.sched_getaffinity(0))})); print('end')"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes")
def test_a_process_is_bound_to_its_cores_and_this_one_stays_free() -> None:
    before, heard = os.sched_getaffinity(0), []
    last = max(before)
    assert Processes().run([sys.executable, "-c", SAYS_CORES], heard.append, cores={last}) == Exit(0, "end")
    assert heard == [{"cores": [last]}]
    assert os.sched_getaffinity(0) == before


def test_a_process_that_cannot_be_started_is_an_exit(tmp_path: Path) -> None:
    found = Processes().run([str(tmp_path / "none")], print)
    assert found.code == 4
    assert str(tmp_path / "none") in found.words


class Heard:
    """Listens to nothing."""

    def stands(self, report: object) -> None: ...

    def runs_on(self, where: str) -> None: ...


@pytest.mark.parametrize(("busy", "code"), [(0, 0), (2, 0), (1000, 6)])
def test_a_folder_that_a_killed_command_still_holds_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: int, code: int
) -> None:
    """A process that is started too early ends with 6; one that is really held is reported after all."""
    monkeypatch.setattr(local_module, "_LEFT_OVER", 0.5 if code else 60.0)
    monkeypatch.setattr(local_module, "_SECONDS_BETWEEN", 0.01)
    ends = iter([Exit(6, "busy")] * busy + [Exit(0)])
    monkeypatch.setattr(Processes, "run", lambda self, command, stands, cores: next(ends))
    unit = Unit(
        name="one", words=("train",), home=tmp_path, option="--out", file=Path("f"), resources=Resources()
    )
    assert LocalLauncher(1).run(unit, Heard()).code == code
