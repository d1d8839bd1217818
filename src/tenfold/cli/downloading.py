"""Data as every command loads them: with remarks, and a bar while something is fetched."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from tenfold.cli import output

if TYPE_CHECKING:
    from tenfold.data import Corpus, DownloadProgress


class _Bar:
    """A bar for each file on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._progress: Any = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, state: DownloadProgress) -> None:
        if self._progress is None:
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
            self._progress = Progress(*columns, console=output.stderr(), transient=True)
            self._progress.start()
        if state.file not in self._tasks:
            self._tasks[state.file] = self._progress.add_task(state.file, total=state.total or None)
        self._progress.update(self._tasks[state.file], completed=state.received, total=state.total or None)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()


def load(source: str | None, *, quiet: bool = False) -> Corpus:
    """Load a training and a test set; what must be known is said even if ``quiet``.

    Raises
    ------
    DataError
        If the source is missing, damaged or unreachable.
    """
    from tenfold.data import load_corpus

    bar = _Bar()
    try:
        watched = sys.stderr.isatty() and not quiet
        return load_corpus(
            source, notify=partial(output.remark, bold=True), progress=bar if watched else None
        )
    finally:
        bar.close()
