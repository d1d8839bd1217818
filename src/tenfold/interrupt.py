"""Ctrl-C and other signals to end: once to finish the step and save, twice to stop now."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

_CODE = 128
"""What is added to a signal's number to make an exit code, by the convention of shells."""
INTERRUPTED = _CODE + signal.SIGINT
"""The exit code after Ctrl-C."""


class Stopped(KeyboardInterrupt):
    """A program that a signal ends.

    Parameters
    ----------
    message : str
        What became of its work; may be empty.
    number : int
        The signal.
    """

    def __init__(self, message: str = "", number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.number = number

    @property
    def exit_code(self) -> int:
        """Return 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP."""
        return _CODE + self.number


class Interrupted(Stopped):
    """A run that a signal ended in good order.

    Attributes
    ----------
    folder : Path or None
        The checkpoint from which the run can be resumed.
    """

    def __init__(self, message: str, folder: Path | None, number: int = signal.SIGINT) -> None:
        super().__init__(message, number)
        self.folder = folder


def signal_suffix(number: int) -> str:
    """Return which signal it was, in words that follow "interrupted"; nothing for Ctrl-C."""
    return "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"


def stop(number: int, frame: FrameType | None) -> None:
    """End the program, as Python does at Ctrl-C.

    A program that installs this as the handler of a signal has the signal treated like Ctrl-C: it ends the
    program, and in a `StopSignals` block lets it finish first. The command line does so for SIGTERM
    and SIGHUP.
    """
    raise Stopped(f"interrupted{signal_suffix(number)}", number)


def is_stop_code(code: int) -> bool:
    """Return whether an exit code says that a signal ended the process in good order."""
    return signal_of(code) in _numbers()


def signal_of(code: int) -> int:
    """Return the signal that an exit code stands for."""
    return code - _CODE


def _numbers() -> list[int]:
    """Return the signals that can ask a program to end, where the system has them."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last is the Ctrl-Break of Windows
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


class StopSignals:
    """While in a ``with`` block, notes the first signal to end in ``number``; the second ends at once.

    Ctrl-C is such a signal, and each whose handler is `stop`: what other handlers a program has is its own
    affair. A block inside another one passes the signal on to it. Signals reach only the main thread of a
    program: elsewhere, and where they are ignored (as SIGHUP under ``nohup``), nothing is changed. The
    handlers that were there before come back at the end.

    Parameters
    ----------
    on_first : callable, optional
        Called at the first signal, between two instructions of the main thread.
    """

    def __init__(self, on_first: Callable[[], None] | None = None) -> None:
        self.number: int | None = None
        self._on_first = on_first
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            for number in _numbers():
                if _is_to_be_noted(number):
                    self._previous[number] = signal.signal(number, self._note)
            for outer in filter(None, map(_noting, self._previous.values())):
                self.number = self.number or outer.number
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous = {}

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            raise Stopped("stopped at once, nothing saved since the last checkpoint", number)
        self.number = number
        if (outer := _noting(self._previous.get(number))) is not None and outer.number is None:
            outer._note(number, frame)
        if self._on_first is not None:
            self._on_first()


def _noting(handler: Any) -> StopSignals | None:
    """Return whose handler it is, if it is that of a `StopSignals` block."""
    owner = getattr(handler, "__self__", None)
    return owner if isinstance(owner, StopSignals) else None


def _is_to_be_noted(number: int) -> bool:
    handler = signal.getsignal(number)
    if _noting(handler) is not None:
        return True
    if number == signal.SIGINT:
        return handler not in (signal.SIG_IGN, None)
    return handler is stop


_DEADLY = ("SIGTERM", "SIGHUP", "SIGBREAK")  # the last is the Ctrl-Break of Windows


@contextmanager
def treated_like_ctrl_c() -> Iterator[None]:
    """While in a ``with`` block, signals that would kill the program end it in good order.

    Those that somebody else handles, or that are ignored as SIGHUP is under ``nohup``, stay as they are.
    """
    changed = []
    if threading.current_thread() is threading.main_thread():
        for number in [getattr(signal, name) for name in _DEADLY if hasattr(signal, name)]:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, stop)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def end_with_stdin() -> None:
    """End as Ctrl-C does, with the run saved, as soon as whoever started this process is gone or says so.

    The pipe's other end is closed by the operating system even if its owner is killed.
    """
    import _thread

    def watch() -> None:
        while os.read(0, 4096):  # not through sys.stdin, whose lock would be held when the process ends
            pass
        _thread.interrupt_main()

    signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been inherited as ignored
    threading.Thread(target=watch, daemon=True).start()
