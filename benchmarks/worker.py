"""The other side of a library's process: sends commands, receives seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 300  # seconds that a command may take before the process is given up
CONTESTANTS = Path(__file__).parent / "contestants"
PEERS = Path(sys.prefix) / "peers"  # where `make bench` installs what has an environment of its own
# Whoever set these did not mean the benchmark: each library is told how many threads to use, or takes all.
_FORGOTTEN = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class MissingError(Exception):
    """A missing library, or a command that failed; in one line."""


@dataclass(frozen=True)
class Library:
    """Something that trains or predicts networks.

    Attributes
    ----------
    name : str
    script : str
        In ``contestants/``, with its arguments.
    environment : str, optional
        That of `make bench` for this library, where it is not the project's own.
    """

    name: str
    script: tuple[str, ...]
    environment: str | None = None

    @property
    def command(self) -> list[str]:
        python = Path(sys.executable)
        if self.environment is not None:
            python = PEERS / self.environment / python.parent.name / python.name
            stamp = PEERS.parent / f".peer-{self.environment}"
            if not stamp.exists():
                raise MissingError("not installed; `make bench` gives the reason")
        return [str(python), str(CONTESTANTS / self.script[0]), *self.script[1:]]


class Worker:
    """A library's process, which keeps the images in ``digits`` and waits for commands.

    Raises
    ------
    MissingError
        If the library cannot be started.
    """

    def __init__(self, library: Library, digits: Path) -> None:
        self.name = library.name
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self._process = subprocess.Popen(
            [*library.command, str(digits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={name: value for name, value in os.environ.items() if name not in _FORGOTTEN},
        )
        self.versions: dict[str, str] = self._answer()["versions"]

    def ask(self, do: str, **options: Any) -> dict[str, Any]:
        """Return the result of a command.

        Raises
        ------
        MissingError
            If it failed, took too long, or the process has died.
        """
        try:
            self._process.stdin.write(json.dumps({"do": do, **options}) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise MissingError(f"stopped: {self._last_words()}") from error
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        timer = threading.Timer(LIMIT, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        while line and not line.startswith("{"):  # something else that the library prints as it is imported
            line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise MissingError(f"stopped: {self._last_words()}")
        answer = json.loads(line)
        if "error" in answer:
            raise MissingError(answer["error"])
        return answer

    def _last_words(self) -> str:
        self._process.wait()
        self._log.seek(0)
        lines = [line.strip() for line in self._log if line.strip()]
        return lines[-1][:300] if lines else f"exit status {self._process.returncode}"

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
