"""Whether the machine is quiet: the share of its processors that other programs use."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import perf_counter

from tenfold.machine import busy_seconds

LIMIT = 0.1
"""The largest share of the processors that others may use while something is timed."""


class Others:
    """Measures what other programs use of this process's processors, from when it is made.

    Parameters
    ----------
    busy, own, clock : callable
        Seconds for which the processors have worked for anybody, and for this process; seconds of the wall.
    """

    def __init__(
        self,
        busy: Callable[[], float | None] | None = None,
        own: Callable[[], float] | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._busy, self._own, self._clock = busy or _busy, own or _own, clock
        self._cores = len(_cpus())
        self._start = self._busy(), self._own(), self._clock()

    def share(self) -> float | None:
        """Return the share of the processors that others have used so far; ``None`` if it is not known."""
        busy, own, clock = self._start
        now = self._busy()
        if busy is None or now is None:
            return None
        used = (now - busy) - (self._own() - own)
        return max(0.0, used / (self._cores * max(self._clock() - clock, 1e-9)))


def _cpus() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _busy() -> float | None:
    return busy_seconds(_cpus())


def _own() -> float:
    """Seconds of this process, all its threads, and of children that have ended."""
    return sum(os.times()[:4])
