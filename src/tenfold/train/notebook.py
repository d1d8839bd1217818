"""The display of a run in a notebook: a bar, and a table of the epochs, in one output that is replaced."""

from __future__ import annotations

import sys
from typing import Any

from tenfold.pages.cells import bar, words
from tenfold.train.callbacks import Callback
from tenfold.train.display import duration, images_per_second
from tenfold.train.progress import Progress


def in_notebook() -> bool:
    """Return whether this program runs in a notebook's kernel."""
    ipython = sys.modules.get("IPython")  # imported in every kernel
    shell = None if ipython is None else ipython.get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookTable(Callback):
    """Shows a bar for the run and a row for each epoch; the cell keeps the table alone."""

    def __init__(self) -> None:
        self._output: Any = None

    def on_start(self, progress: Progress) -> None:
        """Begin the output."""
        from IPython.display import HTML, display

        self._output = display(HTML(words("starting")), display_id=True)

    def on_chunk(self, progress: Progress) -> None:
        """Fill the bar."""
        tally = progress.tally
        part = tally.images / max(progress.images_per_epoch, 1)
        speed = images_per_second(tally.images, tally.seconds)
        line = f"epoch {progress.epoch + 1}/{progress.epochs}, loss {tally.mean_loss:.4f}, {speed}"
        self._show(progress, bar((progress.epoch + part) / progress.epochs) + words(line))

    def on_epoch_end(self, progress: Progress) -> None:
        """Add the epoch's row."""
        left = duration((progress.epochs - progress.epoch) * progress.row.train_seconds)
        line = words(f"epoch {progress.epoch}/{progress.epochs}, about {left} left")
        self._show(progress, bar(progress.epoch / progress.epochs) + line)

    def on_end(self, progress: Progress) -> None:
        """Leave the table alone."""
        progress.history.stopped = progress.stop
        self._show(progress, "")

    def _show(self, progress: Progress, below: str) -> None:
        from IPython.display import HTML

        if self._output is not None:
            self._output.update(HTML(progress.history._repr_html_() + below))
