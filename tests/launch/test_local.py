"""Units on this machine: bound to cores, and this process is not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tenfold.runs.launch import Exit
from tenfold.runs.launch.process import Processes

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
