"""SIGTERM and SIGHUP end a command as Ctrl-C does: with its work saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tenfold.interrupt import stop

_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")  # the last is the Ctrl-Break of Windows


@contextmanager
def treated_like_ctrl_c() -> Iterator[None]:
    """While in a ``with`` block, signals that would kill the program end it in good order.

    Those that somebody else handles, or that are ignored as SIGHUP is under ``nohup``, stay as they are.
    """
    changed = []
    if threading.current_thread() is threading.main_thread():
        for number in [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, stop)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
