"""How many pictures are read: a bar on a terminal, otherwise a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

LINE_SECONDS = 10.0
"""Between two lines."""


@contextmanager
def shown_progress(
    total: int, console: Console | None, say: Callable[[str], None]
) -> Iterator[Callable[[int], None]]:
    """Show progress while in a ``with`` block, which is given what to call with each number of pictures.

    Parameters
    ----------
    total : int
    console : rich.console.Console, optional
        For a bar.
    say : callable
        Told lines where there is no console.
    """
    if console is None:
        yield ProgressLines(total, say)
    else:
        with progress_bar(total, console) as done:
            yield done


@contextmanager
def progress_bar(total: int, console: Console) -> Iterator[Callable[[int], None]]:
    """Show a bar while in a ``with`` block."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("pictures", total=total)
        yield lambda count: bar.advance(task, count)


class ProgressLines:
    """Says from time to time how many are read.

    Parameters
    ----------
    total : int
    say : callable
    """

    def __init__(self, total: int, say: Callable[[str], None]) -> None:
        self._total, self._say, self._done = total, say, 0
        self._start = self._said = time.monotonic()

    def __call__(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._said >= LINE_SECONDS:
            self._said = now
            speed = self._done / (now - self._start)
            self._say(f"{self._done:,} of {self._total:,} pictures, {speed:,.0f} a second")
