"""Units on this machine, the cores shared out among them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from tenfold.backend.cpu.threads import available
from tenfold.errors import BusyError, ConfigError
from tenfold.runs.launch.launcher import Listener
from tenfold.runs.launch.process import Processes
from tenfold.runs.launch.unit import Exit, Unit

_LEFT_OVER = 5.0  # seconds after which a folder is held by a command that is meant to run
_SECONDS_BETWEEN = 0.5


class LocalLauncher:
    """Runs units as processes of this machine.

    Parameters
    ----------
    jobs : int
        How many at a time. Each gets its equal share of the cores, whatever resources it states.

    Raises
    ------
    ConfigError
        If there are fewer cores than jobs, or the system cannot bind a process to cores.
    """

    def __init__(self, jobs: int) -> None:
        self.at_once = jobs
        self._shares: SimpleQueue[set[int] | None] = SimpleQueue()
        for share in shares_of_cores(jobs):
            self._shares.put(share)
        self._processes = Processes()
        self._stopped = False

    def run(self, unit: Unit, listener: Listener) -> Exit:
        """Run a unit; see `Launcher`. What a killed command had started may need some seconds to save."""
        deadline = time.monotonic() + _LEFT_OVER
        with self._share_of_cores() as cores:
            while True:
                found = self._processes.run(unit.command(), listener.stands, cores=cores)
                if found.code != BusyError.exit_code or time.monotonic() > deadline or self._stopped:
                    return found
                time.sleep(_SECONDS_BETWEEN)

    def stop(self) -> None:
        """Have every unit end; see `Launcher`."""
        self._stopped = True
        self._processes.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @contextmanager
    def _share_of_cores(self) -> Iterator[set[int] | None]:
        share = self._shares.get()
        try:
            yield share
        finally:
            self._shares.put(share)


def shares_of_cores(jobs: int) -> list[set[int] | None]:
    """Return which cores each of so many jobs may use; None stands for all.

    Raises
    ------
    ConfigError
        If there are fewer cores than jobs, or the system cannot bind a process to cores.
    """
    if jobs == 1:
        return [None]
    if not hasattr(os, "sched_setaffinity"):
        raise ConfigError(
            f"--jobs: expected 1, as this system does not bind a process to cores, got {jobs}; leave it out"
        )
    if jobs > available():
        raise ConfigError(
            f"--jobs: expected at most one for each of {available()} cores, got {jobs}; use fewer"
        )
    cores = sorted(os.sched_getaffinity(0))
    return [set(cores[job::jobs]) for job in range(jobs)]
