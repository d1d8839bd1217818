"""A cluster of three nodes for the tests, and commands beside it; nothing of them is left behind."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

MODELS = ("nn1l", "nn2l")
OPTIONS = ("--data", "mnist-5k", "--epochs", "2", "--json")
VARYING = {"train_seconds", "predict_seconds"}
"""Figures that may differ: times."""
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
PACKAGE = Path(__file__).parent / "package"
WITH_PACKAGE = {"PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")]))}
"""With an installed package that offers the model "pair"."""
_SECONDS_BETWEEN = 0.05


class Nodes:
    """The cluster: its address, and what changes it."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))  # paths of sockets must be short
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.client_address = f"ray://127.0.0.1:{port}"
        command = [sys.executable, str(Path(__file__).parent / "nodes.py"), str(self.folder), str(port)]
        self._log = (self.folder / "log").open("w")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=self._log,
            text=True,
            env=os.environ | TOKEN | WITH_PACKAGE | {"TENFOLD_DATA": "mnist-5k"},
        )
        self.address = self._line()
        self.missing, self.odd, self.headless = 0, False, False
        self._halted: list[int] = []

    @property
    def variables(self) -> dict[str, str]:
        """What a command needs to find it."""
        return {"RAY_ADDRESS": self.address, **TOKEN}

    @property
    def workers(self) -> list[int]:
        """The processes that run units on its nodes."""
        own = {pid for pid, parent in processes(b"raylet") if parent == self._process.pid}
        return [pid for pid, parent in processes(b"ray::Place") if parent in own]

    def is_halted(self) -> bool:
        """Halt what runs on the node that is removed next, so that it stays in its middle."""
        node = int(self._asked("next"))
        workers = {pid for pid, parent in processes(b"ray::") if parent == node}
        units = [pid for pid, parent in processes(b"tenfold") if parent in workers]
        for pid in units:
            os.kill(pid, signal.SIGSTOP)
        self._halted += [*workers, *units] if units else []
        return bool(units)

    def remove(self) -> None:
        """Kill a node with all that runs on it."""
        self._change("remove")
        self.missing += 1
        self._end_halted()

    def behead(self) -> None:
        """Kill what holds the cluster together; nothing else can be done with it then."""
        self._change("behead")
        self.headless = True

    def replace(self, **variables: str) -> None:
        """Kill a node and add one with other variables, which the next test does without."""
        self._change("remove")
        self._change(" ".join(["add", *(f"{name}={value}" for name, value in variables.items())]))
        self.odd = True

    def whole(self) -> Nodes:
        """Add what is missing."""
        if self.headless:
            self.close()
            self._start()
        if self.odd:
            self.remove()
            self.odd = False
        while self.missing:
            self._change("add")
            self.missing -= 1
        return self

    def logs(self, name: str) -> str:
        """Return the ends of the cluster's own log files of a name."""
        found = sorted((self.folder / "session_latest" / "logs").glob(f"{name}*"))
        return "\n".join(f"== {file.name}\n{file.read_text()[-3000:]}" for file in found)

    def close(self) -> None:
        """End every process of the cluster."""
        self._end_halted()
        self._process.communicate()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end_halted(self) -> None:
        """Kill the workers of a node first: they would report that their units were killed."""
        for pid in self._halted:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._halted.clear()

    def _change(self, word: str) -> None:
        assert self._asked(word) == word

    def _asked(self, word: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, (self.folder / "log").read_text()[-2000:]
        return line


def processes(named: bytes) -> list[tuple[int, int]]:
    """Return the processes in whose command a word is, each with its parent."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if named in (path / "cmdline").read_bytes():
                parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
                found.append((int(path.name), int(parent)))
        except OSError:  # it has ended
            continue
    return found


@pytest.fixture(scope="session")
def three_nodes() -> Iterator[Nodes]:
    found = Nodes()
    yield found
    found.close()


@pytest.fixture
def nodes(three_nodes: Nodes) -> Nodes:
    """The cluster with all three nodes, whatever the test before did to it."""
    return three_nodes.whole()


class Command:
    """A ``tenfold`` command that runs beside the test.

    Nothing here has a time limit, for a busy machine may take any time; pytest has one for the whole test.
    """

    def __init__(self, command: Sequence[str], variables: Mapping[str, str], folder: Path) -> None:
        self._out, self._err = folder / "out", folder / "err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self._process = subprocess.Popen(
                command, stdout=out, stderr=err, env={**os.environ, **variables}, start_new_session=True
            )

    @property
    def err(self) -> str:
        """What it has printed on stderr by now."""
        return self._err.read_text()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def until(self, happened: Callable[[], object]) -> None:
        """Wait until something has happened, which it must while the command runs."""
        while not happened():
            assert self.is_running, f"it ended with {self._process.returncode} before that: {self.err}"
            time.sleep(_SECONDS_BETWEEN)

    def ended(self, *codes: int) -> tuple[str, str]:
        """Wait for its end, which must be with one of these codes; return what it printed."""
        found = self._process.wait()
        assert found in codes, (found, self.err)
        return self._out.read_text(), self.err

    def interrupt(self) -> None:
        """Tell it to end, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it, and what it started, which would keep the cores."""
        if self.is_running:
            self.interrupt()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(60)
        self.kill()


@pytest.fixture
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Command]]:
    """Start a ``tenfold`` command, with more variables if given; it is ended at the end if it still runs."""
    running: list[Command] = []

    def start(
        *words: object,
        variables: Mapping[str, str] | None = None,
        most_bytes: int | None = None,
        program: Sequence[str] = ("-m", "tenfold"),
    ) -> Command:
        command = [sys.executable, *program, *map(str, words)]
        if most_bytes is not None:  # of a file: what comes after fails as on a full disk
            limited = f'ulimit -f {most_bytes // 1024}; trap "" XFSZ; exec "$@"'
            command = ["bash", "-c", limited, "-", *command]
        running.append(Command(command, variables or {}, tmp_path_factory.mktemp("printed")))
        return running[-1]

    yield start
    for command in running:
        command.close()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of six seeds of two models, from this machine, one core for each trial.

    If the tests run in several processes, the first that needs it makes it for all.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    results, cores = base / "undisturbed", len(os.sched_getaffinity(0))
    options = (*OPTIONS, "--seeds", "0-5", "--results", results, "--jobs", cores)
    with (base / "undisturbed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not results.exists():
            command = [sys.executable, "-m", "tenfold", "trials", *MODELS, *map(str, options)]
            subprocess.run(command, check=True, capture_output=True)
    return results


def ledger(results: Path) -> dict[str, Any]:
    """Return what a results folder holds, but for the times."""
    return {
        path.name: without_times(json.loads(path.read_bytes())) for path in sorted(results.glob("*.json"))
    }


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in VARYING}
    return [without_times(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(name="ledger")
def ledger_of() -> Callable[[Path], dict[str, Any]]:
    """Return what a results folder holds, but for the times."""
    return ledger


@pytest.fixture
def with_package() -> dict[str, str]:
    """The variables with which a command finds the package that offers the model "pair"."""
    return WITH_PACKAGE


@pytest.fixture
def same_ledger(undisturbed: Path) -> Callable[[Path], None]:
    def check(results: Path) -> None:
        assert ledger(results) == ledger(undisturbed)
        assert not list(results.glob("trials/*.failed.json"))

    return check


Rows = dict[str, list[str]]


@pytest.fixture
def histories() -> Callable[[Path], Rows]:
    """Return what each trial of a results folder has written of its epochs, with their times."""

    def found(results: Path) -> Rows:
        paths = results.glob("trials/*/history.csv")
        return {path.parent.name: path.read_text().splitlines() for path in paths}

    return found


@pytest.fixture
def grown(histories: Callable[[Path], Rows]) -> Callable[[Path, Rows], bool]:
    """Return whether each trial has done more epochs than before, and none of the others again.

    The last row may be of an epoch that was not saved.
    """

    def check(results: Path, before: Rows) -> bool:
        now = histories(results)
        kept = {name: rows[:-1] for name, rows in before.items()}
        assert all(now[name][: len(rows)] == rows for name, rows in kept.items())
        return all(len(now[name]) > len(rows) for name, rows in before.items())

    return check


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait until something has happened that no command of the test waits for."""

    def wait(happened: Callable[[], object]) -> None:
        while not happened():
            time.sleep(_SECONDS_BETWEEN)

    return wait
