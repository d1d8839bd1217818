"""A unit's process: it ends when its stdin closes, so also when the process that started it is killed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenfold.errors import StorageError
from tenfold.files import storage_error
from tenfold.runs.launch.unit import Exit

Stands = Callable[[dict[str, Any]], None]


class Processes:
    """The processes of units on this machine; `stop` ends them all."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(
        self,
        command: Sequence[str],
        stands: Stands,
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        cores: set[int] | None = None,
    ) -> Exit:
        """Run a command until it ends; each line of JSON that it prints is passed on.

        Parameters
        ----------
        command : sequence of str
        stands : callable
        folder : Path, optional
            Where it runs; by default where this process is.
        environment : mapping, optional
            By default that of this process.
        cores : set of int, optional
            Those that it may use; by default those of this thread.
        """
        pipe, merged = subprocess.PIPE, subprocess.STDOUT
        try:
            with _bound_to(cores):
                process = subprocess.Popen(  # a session of its own: the terminal's Ctrl-C is for us alone
                    command,
                    stdin=pipe,
                    stdout=pipe,
                    stderr=merged,
                    text=True,
                    start_new_session=True,
                    cwd=folder,
                    env=environment,
                )
        except OSError as error:  # no process to be had
            return Exit(StorageError.exit_code, str(storage_error(error)))
        with process:
            self._add(process)
            try:
                words = _listen(process, stands)
                return Exit(process.wait(), words)
            finally:
                self._running.discard(process)

    def stop(self) -> None:
        """Have each process save where it is and end, also those that are started later."""
        self._stopped = True
        for process in list(self._running):
            _tell_to_end(process)

    def _add(self, process: subprocess.Popen[str]) -> None:
        self._running.add(process)
        if self._stopped:
            _tell_to_end(process)


@contextmanager
def _bound_to(cores: set[int] | None) -> Iterator[None]:
    """In a ``with`` block, bind this thread to cores: processes that it starts inherit that."""
    if cores is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _tell_to_end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()


def _listen(process: subprocess.Popen[str], stands: Stands) -> str:
    """Pass on where a process stands until it ends; return its last words."""
    words = ""
    for line in process.stdout or ():
        report = _report(line)
        if report is None:
            words = line.strip() or words
        else:
            stands(report)
    return words.removeprefix("error: ")


def _report(line: str) -> dict[str, Any] | None:
    """Return what a unit says of itself, or None if it is something else that its process printed."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
