"""A process that answers lines of JSON with lines of JSON; `tenfold.runs.line_answers` is its other side.

It is new, not forked: a fork would copy the locks of other threads. It computes on one core.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any

from tenfold import errors
from tenfold.backend.cpu.environment import THREADS
from tenfold.errors import StorageError
from tenfold.files import storage_error

_ONE_CORE = dict.fromkeys((THREADS, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class LineWorker:
    """One process, started when it is first needed and again when it has ended.

    Parameters
    ----------
    module : str
        Its main module.
    settings : mapping
        The first line that it is given.
    advice : str
        What to try if it ends at its start.

    Attributes
    ----------
    ready : dict
        What it answered to the settings; empty before.
    """

    def __init__(self, module: str, settings: Mapping[str, Any], advice: str) -> None:
        self._module, self._settings, self._advice = module, settings, advice
        self.ready: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        self._lock = Lock()

    def ask(self, question: object) -> dict[str, Any] | None:
        """Return the answer; None if the process ended instead.

        Raises
        ------
        TenfoldError
            What it reports.
        """
        if self._process is None:
            ready = self._line(self._start(), self._settings)
            if ready is None:
                what = "expected another process that reads images, found that it ended at its start"
                raise StorageError(what, self._advice)
            self.ready = ready
        process = self._process
        found = None if process is None else self._line(process, question)
        if found is None:
            self.end()
        return found

    def _line(self, process: subprocess.Popen[str], question: object) -> dict[str, Any] | None:
        """Return the answer to a line, None if there is none."""
        try:
            if process.stdin is None or process.stdout is None:
                return None
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):  # it has ended, or was closed
            return None
        if not line.endswith("\n"):
            return None
        found: dict[str, Any] = json.loads(line)
        if "kind" in found:
            raise getattr(errors, found["kind"], errors.TenfoldError)(*found["words"])
        return found

    def stop(self) -> None:
        """Kill the process, whatever it does, and start no other; for any thread."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """End the process and close its pipes; for the thread that asks it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with process, suppress(OSError):  # what is not yet written is for nobody
                process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        with self._lock:
            if self._closed:
                raise StorageError("expected a process that reads pictures, found it closed", "try again")
            try:
                self._process = subprocess.Popen(  # a session of its own: Ctrl-C is for us alone
                    [sys.executable, "-m", self._module],
                    stdin=pipe,
                    stdout=pipe,
                    text=True,
                    encoding="ascii",
                    start_new_session=True,
                    env=os.environ | _ONE_CORE,
                )
            except OSError as error:
                raise storage_error(error) from error
            return self._process
