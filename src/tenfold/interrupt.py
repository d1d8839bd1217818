"""Ctrl-C and other stop signals: the first lets training save and stop, the second stops at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

_CODE = 128  # exit code = 128 + number of the signal, as in shells
INTERRUPTED = _CODE + signal.SIGINT  # the exit code after Ctrl-C


class Stopped(KeyboardInterrupt):
    """A signal stops the program.

    Parameters
    ----------
    message : str
        What happened to its work; may be empty.
    number : int
        Number of the signal.
    """

    def __init__(self, message: str = "", number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.number = number

    @property
    def exit_code(self) -> int:
        """Return 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP."""
        return _CODE + self.number


class Interrupted(Stopped):
    """A signal stopped a run, which has been saved.

    Attributes
    ----------
    folder : Path or None
        The checkpoint to resume from.
    then : str or None
        How the run goes on; a caller that knows better can set it before the message is shown. ``None`` where
        nothing was saved.
    """

    def __init__(
        self, message: str, folder: Path | None, number: int = signal.SIGINT, then: str | None = None
    ) -> None:
        super().__init__(message, number)
        self.folder, self.then = folder, then

    @property
    def end(self) -> str:
        """What happened, without how a program goes on: pages have a button for that."""
        return super().__str__() + ("" if self.folder is None else "; saved")

    def __str__(self) -> str:
        kept = "nothing was saved because no folder was given" if self.then is None else f"saved, {self.then}"
        return f"{super().__str__()}; {kept}"


def fit_again(out: Path | str) -> str:
    """Return how to resume a run in a folder from Python."""
    return f"call fit again with out={str(out)!r} and resume=True"


def signal_suffix(number: int) -> str:
    """Return the signal's name as a suffix for "interrupted"; empty for Ctrl-C."""
    return "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"


def stop(number: int, frame: FrameType | None) -> None:
    """Signal handler that stops the program as Ctrl-C does.

    A signal with this handler is treated like Ctrl-C: it stops the program, but in a `StopSignals` block the
    program can finish first. The command line installs it for SIGTERM and SIGHUP.
    """
    raise Stopped(f"interrupted{signal_suffix(number)}", number)


def is_stop_code(code: int) -> bool:
    """Return whether an exit code means that a process stopped properly after a signal."""
    return signal_of(code) in _numbers()


def signal_of(code: int) -> int:
    """Return the signal of an exit code."""
    return code - _CODE


def _numbers() -> list[int]:
    """Return the stop signals that this system has."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # SIGBREAK is Ctrl-Break on Windows
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


class StopSignals:
    """In a ``with`` block, stores the first stop signal in ``number``; the second stops the program at once.

    Stop signals are Ctrl-C and every signal with the handler `stop`; other handlers are not touched. A nested
    block passes the signal to the outer one. Python handles signals in the main thread only: in another
    thread, and for ignored signals (SIGHUP under ``nohup``), the block does nothing. It restores the previous
    handlers at the end.

    Parameters
    ----------
    on_first : callable, optional
        Called at the first signal, in the main thread, between two bytecode instructions.
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
    """Return the `StopSignals` block of a handler; None if it is another handler."""
    owner = getattr(handler, "__self__", None)
    return owner if isinstance(owner, StopSignals) else None


def _is_to_be_noted(number: int) -> bool:
    handler = signal.getsignal(number)
    if _noting(handler) is not None:
        return True
    if number == signal.SIGINT:
        return handler not in (signal.SIG_IGN, None)
    return handler is stop


_DEADLY = ("SIGTERM", "SIGHUP", "SIGBREAK")  # SIGBREAK is Ctrl-Break on Windows


@contextmanager
def treated_like_ctrl_c() -> Iterator[None]:
    """In a ``with`` block, treat SIGTERM, SIGHUP and SIGBREAK like Ctrl-C.

    Signals that have another handler or are ignored (SIGHUP under ``nohup``) are not changed.
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
    """Stop as on Ctrl-C when stdin ends, that is, when the process that started this one ends or closes it.

    The operating system closes the pipe even if that process is killed.
    """
    import _thread

    def watch() -> None:
        while os.read(0, 4096):  # not by sys.stdin, which would hold its lock when the process ends
            pass
        _thread.interrupt_main()

    signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been inherited as ignored
    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def own_signals() -> Iterator[None]:
    """In a ``with`` block, another library's handler of SIGTERM does not stay: this program saves first."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
