"""A cluster of three nodes for the tests, and commands beside it; nothing of them is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

MODELS = ("nn1l", "nn2l")
OPTIONS = ("--data", "mnist-5k", "--epochs", "20", "--json")
VARYING = {"train_seconds", "predict_seconds"}
"""Figures that may differ: times."""
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
PATIENCE = 400.0  # seconds that anything may take on a busy machine


class Nodes:
    """The cluster: its address, and what changes it."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))  # paths of sockets must be short
        command = [sys.executable, str(Path(__file__).parent / "nodes.py"), str(self.folder)]
        self._log = (self.folder / "log").open("w")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=self._log, text=True, env=os.environ | TOKEN
        )
        self.address = self._line()
        self.missing, self.odd, self.headless = 0, False, False

    @property
    def variables(self) -> dict[str, str]:
        """What a command needs to find it."""
        return {"RAY_ADDRESS": self.address, **TOKEN}

    def remove(self) -> None:
        """Kill a node with all that runs on it."""
        self._change("remove")
        self.missing += 1

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

    def close(self) -> None:
        """End every process of the cluster."""
        self._process.communicate()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _change(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        assert self._line() == word

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, (self.folder / "log").read_text()[-2000:]
        return line


@pytest.fixture(scope="session")
def three_nodes() -> Iterator[Nodes]:
    found = Nodes()
    yield found
    found.close()


@pytest.fixture
def nodes(three_nodes: Nodes) -> Nodes:
    """The cluster with all three nodes, whatever the test before did to it."""
    return three_nodes.whole()


Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def started() -> Iterator[Started]:
    """Start a ``tenfold`` command, with more variables if given; it is ended at the end if it still runs."""
    running: list[subprocess.Popen[str]] = []

    def start(
        *words: object, variables: Mapping[str, str] | None = None, most_bytes: int | None = None
    ) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "tenfold", *map(str, words)]
        if most_bytes is not None:  # of a file: what comes after fails as on a full disk
            command = [
                "bash",
                "-c",
                f'ulimit -f {most_bytes // 1024}; trap "" XFSZ; exec "$@"',
                "-",
                *command,
            ]
        process = subprocess.Popen(
            command,
            stdout=pipe,
            stderr=pipe,
            text=True,
            env={**os.environ, **(variables or {})},
            start_new_session=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # then it ends what it started, which would keep the cores
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=60)
            process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of six seeds of two models, from this machine, one core for each trial."""
    results = tmp_path_factory.mktemp("undisturbed")
    cores = len(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "tenfold", "trials", *MODELS, *OPTIONS, "--seeds", "0-5"]
    subprocess.run(
        [*command, "--results", str(results), "--jobs", str(cores)], check=True, capture_output=True
    )
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


@pytest.fixture
def same_ledger(undisturbed: Path) -> Callable[[Path], None]:
    def check(results: Path) -> None:
        assert ledger(results) == ledger(undisturbed)
        assert not list(results.glob("trials/*.failed.json"))

    return check


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    def wait(happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    return wait
