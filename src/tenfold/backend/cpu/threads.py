"""The threads that run a program together, or each a share of some images."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from tenfold.backend.cpu.environment import told_threads
from tenfold.backend.forked import in_forked_process
from tenfold.errors import ConfigError

ABANDONED = 1 << 62  # see `phases`
_MOST = 1024  # more cores than any machine has today, and as many threads as a system starts
_IMAGES_A_THREAD = 64  # fewer are done sooner than another thread is woken
_PARTS_A_THREAD = 8


def available() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share() -> int:
    """How many threads to take unless told: one for each core, or joblib's share for a worker."""
    told = told_threads()  # which joblib sets; other limits are for other libraries
    return min(available(), told or _MOST, _MOST)


def checked(threads: int | None) -> int:
    """The number of threads asked for, or this process's share."""
    if threads is None:
        return share()
    if not hasattr(threads, "__index__") or threads < 1:
        raise ConfigError(f"threads: expected at least 1, got {threads!r}; leave it out to use all cores")
    if threads > _MOST:
        raise ConfigError(f"threads: expected at most {_MOST}, got {threads}; leave it out to use all cores")
    return int(threads)


@cache
def _pool(helpers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(helpers, thread_name_prefix="tenfold")


in_forked_process(_pool.cache_clear)  # its threads are in the parent alone


def run_parallel(threads: int, function: Callable[[int], Any], board: Any = None) -> Any:
    """Run ``function(0) ... function(threads - 1)`` at the same time; return the first one's result.

    If one fails, or the first cannot begin, say for a Ctrl-C, the others are told on their board (see
    `phases`) to begin nothing more, and what it raised is raised here.
    """
    if threads == 1:
        return function(0)
    pool = _pool(threads - 1)
    others: list[Future[Any]] = []
    try:
        for i in range(1, threads):
            others.append(pool.submit(_run, function, i, board))
        result = function(0)
    except BaseException:
        _abandon(board)
        raise
    finally:
        wait(others)
    for other in others:
        other.result()  # raises what it raised
    return result


def _run(function: Callable[[int], Any], thread: int, board: Any) -> Any:
    try:
        return function(thread)
    except BaseException:
        _abandon(board)
        raise


def _abandon(board: Any) -> None:
    if board is not None:
        board[0] = ABANDONED


def in_shares(work: Callable[..., None], n: int, threads: int | None, *arguments: Any) -> None:
    """Call ``work(first, last, *arguments)`` for parts of n images, on so many threads (all cores).

    There are more parts than threads, and each thread takes the next one as soon as it is free: one that
    other programs keep from its core does less.
    """
    most = max(1, n // _IMAGES_A_THREAD)
    count = min(checked(threads), most)
    parts = min(_PARTS_A_THREAD * count, most) if count > 1 else 1
    left = iter(range(parts))  # Python lets one thread at a time take from it

    def take(thread: int) -> None:
        for part in left:
            first, last = (n * i // parts for i in (part, part + 1))
            work(first, last, *arguments)

    run_parallel(count, take)
