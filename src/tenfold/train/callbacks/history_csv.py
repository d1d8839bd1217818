"""The history as a CSV file that is whole after every epoch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tenfold.train.callbacks.base import Callback
from tenfold.train.progress import Progress


@dataclass(frozen=True)
class HistoryCSV(Callback):
    """Writes the history to a CSV file after every epoch, replacing the file atomically.

    Parameters
    ----------
    path : Path
    """

    path: Path

    @property
    def name(self) -> str:
        """Return the name, which holds the path: a run may write several files."""
        return f"HistoryCSV({self.path})"

    def on_epoch_end(self, progress: Progress) -> None:
        """Write the file."""
        progress.history.write_csv(self.path)
