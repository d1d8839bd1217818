"""What every cluster must do with a unit, tried with machines that are threads of this process."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import tenfold
from tenfold.checkpoint.run_lock import LOCK
from tenfold.errors import BusyError, ConfigError, StorageError
from tenfold.resources import Resources
from tenfold.runs.launch import Exit, Unit
from tenfold.runs.launch.carried import Carried
from tenfold.runs.launch.cluster import ATTEMPTS, ClusterLauncher, Lost
from tenfold.runs.launch.cores import some_cores
from tenfold.runs.launch.moved_files import put_files
from tenfold.runs.launch.order import Order, Status

PROGRAM = """
import json, pathlib, sys
print(json.dumps({"epoch": 1}), flush=True)
home = pathlib.Path(sys.argv[-1])
(home / "besides").mkdir(exist_ok=True)
(home / "besides" / "more").write_text("more")
(home / "trials" / "file").write_text("written")
print("last words")
sys.exit(int(sys.argv[1]))
"""


class Program(Unit):
    """A unit that runs a program of Python in place of a command of tenfold."""

    def command(self, home: Path | None = None) -> list[str]:
        return [sys.executable, *self.words, str(home or self.home)]


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.runs.launch.carried.Unit", Program)


def unit(home: Path, code: int = 0, program: str = PROGRAM) -> Unit:
    words = ("-c", program, str(code))
    return Program("one", words, home, "--out", Path("trials/file"), besides=Path("besides"))


class Machine:
    """A job of the cluster below."""

    def __init__(
        self, order: dict[str, Any], files: Mapping[str, bytes], changes: Mapping[str, Any], lost: bool
    ) -> None:
        self._carried, self._changes, self._lost = Carried(order, files), changes, lost
        self.stopped = self.ended = False
        self._thread = Thread(target=self._carried.run)
        self._thread.start()

    def status(self) -> Status:
        if self._lost:
            raise Lost("its machine was switched off")
        return replace(Status(**self._carried.status()), **self._changes)

    def stop(self) -> None:
        self.stopped = True
        self._carried.stop()

    def fetch(self) -> Mapping[str, bytes]:
        return self._carried.files()

    def end(self) -> None:
        self.ended = True
        self._carried.stop()
        self._thread.join()
        self._carried.close()


class Machines:
    """A cluster whose first machines are lost."""

    def __init__(
        self,
        *,
        shared: bool = True,
        lost: int = 0,
        order: Mapping[str, Any] = {},
        status: Mapping[str, Any] = {},
    ) -> None:
        self.shares_folders = False
        self._order, self._status, self._lost = dict(order), dict(status), lost
        if not shared:
            self._order["mark"] = "another"
        self.jobs: list[Machine] = []

    def start(self, order: Order, resources: Resources, files: Mapping[str, bytes]) -> Machine:
        told = {**order.to_json(), **self._order}
        found = Machine(told, files, self._status, len(self.jobs) < self._lost)
        self.jobs.append(found)
        return found

    def close(self) -> None:
        assert all(job.ended for job in self.jobs)


class Heard:
    def __init__(self) -> None:
        self.places: list[str] = []
        self.reports: list[dict[str, Any]] = []
        self.notices: list[str] = []
        self.runs_on, self.stands, self.notice = self.places.append, self.reports.append, self.notices.append


def run(machines: Machines, one: Unit) -> tuple[Exit, Heard]:
    heard = Heard()
    with ClusterLauncher(machines, 1) as launcher:
        return launcher.run(one, heard), heard


def files(home: Path) -> dict[str, str]:
    return {path.relative_to(home).as_posix(): path.read_text() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("shared", [True, False])
def test_the_file_is_in_its_home(shared: bool, tmp_path: Path) -> None:
    found, heard = run(Machines(shared=shared), unit(tmp_path))
    assert found == Exit(0, "last words")
    assert heard.reports == [{"epoch": 1}]
    assert files(tmp_path) == {"trials/file": "written", "besides/more": "more"}


@pytest.mark.parametrize("shared", [True, False])
def test_what_a_unit_needs_is_there(shared: bool, tmp_path: Path) -> None:
    (tmp_path / "before" / "deep").mkdir(parents=True)
    (tmp_path / "before" / "deep" / "file").write_text("needed")
    (tmp_path / "before" / LOCK).write_text("")
    program = PROGRAM.replace('"written"', '(home / "before" / "deep" / "file").read_text()')
    one = replace(unit(tmp_path, program=program), needs=Path("before"))
    found, _ = run(Machines(shared=shared), one)
    assert found == Exit(0, "last words")
    assert (tmp_path / "trials" / "file").read_text() == "needed"


def test_a_failure_is_an_exit(tmp_path: Path) -> None:
    found, heard = run(Machines(shared=False), unit(tmp_path, code=3))
    assert found == Exit(3, "last words")
    assert files(tmp_path) == {}
    assert heard.notices == []


@pytest.mark.fault("clusters", "a machine is lost while trials run", "run elsewhere, the same ledger")
def test_a_lost_unit_is_run_again(tmp_path: Path) -> None:
    found, heard = run(Machines(lost=ATTEMPTS - 1), unit(tmp_path))
    assert found.code == 0
    assert heard.notices == ["one: its machine was switched off; starting it again"] * (ATTEMPTS - 1)


@pytest.mark.fault(
    "clusters",
    "a unit takes its machine down each time",
    "marked as failed after three times, the others done",
)
def test_a_unit_that_is_lost_each_time_fails(tmp_path: Path) -> None:
    machines = Machines(lost=99)
    found, _ = run(machines, unit(tmp_path))
    assert found == Exit(1, f"lost {ATTEMPTS} times, the last time because its machine was switched off")
    assert len(machines.jobs) == ATTEMPTS


@pytest.mark.fault("clusters", "another version of tenfold", "refused in one line that names both")
def test_another_version_is_refused(tmp_path: Path, refused_in_one_line) -> None:
    text = f"expected tenfold 99.0, as on .*, found {tenfold.__version__}; install one version on both"
    with refused_in_one_line(ConfigError, text):
        run(Machines(order={"version": "99.0"}), unit(tmp_path))
    assert files(tmp_path) == {}


@pytest.mark.fault(
    "clusters", "a machine with another kind of processor", "said once, because bits may differ"
)
def test_another_processor_is_said_once(tmp_path: Path) -> None:
    heard = Heard()
    with ClusterLauncher(Machines(status={"processor": "abacus, 1 bits", "host": "there"}), 1) as launcher:
        for _ in range(2):
            assert launcher.run(unit(tmp_path), heard).code == 0
    [line] = heard.notices
    assert line.startswith("there computes as abacus, 1 bits, this machine as ")
    assert line.endswith("the last digits of figures may differ between them")


def test_a_folder_that_must_be_shared(tmp_path: Path, refused_in_one_line) -> None:
    machines = Machines(shared=False)
    machines.shares_folders = True
    with refused_in_one_line(
        ConfigError, "expected the folder of the results to be shared with this machine"
    ):
        run(machines, unit(tmp_path))


def test_what_is_left_of_a_lost_unit_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exits = iter([Exit(BusyError.exit_code, "held"), Exit(BusyError.exit_code, "held"), Exit(0)])
    monkeypatch.setattr("tenfold.runs.launch.cluster._SECONDS_BETWEEN", 0.01)
    launcher = ClusterLauncher(Machines(), 1)
    monkeypatch.setattr(launcher, "_attempt", lambda unit, listener: next(exits))
    assert launcher._retried(unit(tmp_path), Heard()) == Exit(0)


WAITS = "import sys; print('{}', flush=True); sys.stdin.read(); sys.exit(130)"


def test_stopped_units_end_themselves(tmp_path: Path) -> None:
    machines, heard, found = Machines(), Heard(), []
    with ClusterLauncher(machines, 1) as launcher:
        thread = Thread(target=lambda: found.append(launcher.run(unit(tmp_path, program=WAITS), heard)))
        thread.start()
        while not heard.reports:
            thread.join(0.02)
        launcher.stop()
        thread.join()
        assert launcher.run(unit(tmp_path), heard) == Exit(130)  # no other is begun
    assert found == [Exit(130)]
    assert len(machines.jobs) == 1


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a\\b"])
def test_nothing_comes_back_to_another_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="expected files of this folder to come back, got"):
        put_files(tmp_path / "home", {name: b"x"})
    assert list(tmp_path.rglob("*")) == []


def held_by(wanted: Sequence[int]) -> list[set[int] | None]:
    if not wanted:
        return []
    with some_cores(wanted[0]) as cores:
        return [cores, *held_by(wanted[1:])]


def test_cores_are_shared_out_until_there_are_no_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1, 2, 3})
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    first, second, third = held_by([2, 1, 2])
    assert (first, second) == ({0, 1}, {2})
    assert third is not None
    assert len(third) == 2
    assert 3 in third
    assert held_by([4]) == [None]
    assert held_by([1]) == [{0}]  # free again
