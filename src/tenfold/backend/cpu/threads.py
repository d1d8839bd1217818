"""The threads that run a program together."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from tenfold.errors import ConfigError

ABANDONED = 1 << 62  # a counter with this value lets nobody wait; see `barrier`


def available() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share() -> int:
    """How many threads to take unless told: one for each core, or joblib's share for a worker."""
    told = os.environ.get("NUMBA_NUM_THREADS", "")  # which joblib sets; other limits are for other libraries
    return min(available(), int(told)) if told.isdecimal() and int(told) else available()


def checked(threads: int | None) -> int:
    """The number of threads asked for, or this process's share."""
    if threads is None:
        return share()
    if threads < 1:
        raise ConfigError(f"threads: expected at least 1, got {threads}; leave it out to use all cores")
    return threads


@cache
def _pool(process: int, helpers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(helpers, thread_name_prefix="tenfold")


def together(threads: int, function: Callable[[int], Any], counter: Any = None) -> Any:
    """Run ``function(0) ... function(threads - 1)`` at the same time; return the first one's result.

    They wait for each other inside (at ``counter``), so all must run at once: callers take turns
    (see `Engine`). If the first cannot begin, say for a Ctrl-C, the others are told not to wait.
    """
    if threads == 1:
        return function(0)
    pool = _pool(os.getpid(), threads - 1)  # a forked process needs threads of its own
    others: list[Any] = []
    try:
        others += [pool.submit(function, i) for i in range(1, threads)]
        return function(0)
    except BaseException:
        if counter is not None:
            counter[0] = ABANDONED
        raise
    finally:
        wait(others)
