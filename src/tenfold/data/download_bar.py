"""Downloads shown on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from tenfold.data.download import DownloadProgress


class DownloadBar:
    """Shows a bar for each file that is downloaded.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Any = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, state: DownloadProgress) -> None:
        if self._progress is None:
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._progress.start()
        if state.file not in self._tasks:
            self._tasks[state.file] = self._progress.add_task(state.file, total=state.total or None)
        self._progress.update(self._tasks[state.file], completed=state.received, total=state.total or None)

    def close(self) -> None:
        """Take the bars away."""
        if self._progress is not None:
            self._progress.stop()
