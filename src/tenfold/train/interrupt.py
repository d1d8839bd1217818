"""Ctrl-C: once to finish what is at hand and save, twice to stop now."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any


class Interrupted(KeyboardInterrupt):
    """A run that Ctrl-C ended in good order.

    Attributes
    ----------
    folder : Path or None
        The checkpoint from which the run can be resumed.
    """

    exit_code = 130

    def __init__(self, message: str, folder: Path | None) -> None:
        super().__init__(message)
        self.folder = folder


class CtrlC:
    """While in a ``with`` block, notes the first Ctrl-C in ``pressed``; the second raises KeyboardInterrupt.

    Signals reach only the main thread of a program: elsewhere, and where interrupts are ignored (as
    under ``nohup``), nothing is changed. The handler that was there before comes back at the end.

    Parameters
    ----------
    on_press : callable, optional
        Called at the first Ctrl-C, between two instructions of the main thread.
    """

    def __init__(self, on_press: Callable[[], None] | None = None) -> None:
        self.pressed = False
        self._on_press = on_press
        self._previous: Any = None

    def __enter__(self) -> CtrlC:
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None):
            self._previous = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt("stopped at once, nothing saved since the last checkpoint")
        self.pressed = True
        if self._on_press is not None:
            self._on_press()
