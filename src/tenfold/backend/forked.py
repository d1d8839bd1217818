"""Locks and threads where a process forks: the child has only the thread that forked.

What another thread held at that moment is held in the child for ever, by nobody.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from weakref import WeakSet


class ForkSafeLock:
    """A lock between threads, which is free in a process that is forked while a thread holds it.

    The thread that holds it may take it again: a layer of a user's own may ask another network.

    Examples
    --------
    >>> lock = ForkSafeLock()
    >>> with lock:
    ...     pass
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        _every.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def renew(self) -> None:
        """Be free, whoever held it: he is in another process."""
        self._lock = threading.RLock()


def was_forked() -> bool:
    """Return whether this process was forked from one that had imported this."""
    return _process != os.getpid()


def in_forked_process(act: Callable[[], object]) -> None:
    """Have something done in every process that is forked from this one, before anything else."""
    if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
        os.register_at_fork(after_in_child=act)


def _renew_all() -> None:
    for lock in list(_every):
        lock.renew()


_process = os.getpid()
_every: WeakSet[ForkSafeLock] = WeakSet()
in_forked_process(_renew_all)
