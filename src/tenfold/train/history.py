"""What each epoch gave, in memory and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tenfold.files import write_atomically

HeldOut: TypeAlias = Literal["validation", "test"]
"""What the images are called that an epoch is judged on."""


@dataclass(frozen=True)
class EpochRow:
    """One epoch's figures.

    Attributes
    ----------
    epoch : int
        From 1.
    train_seconds : float
        Pure training: neither validation nor saving.
    train_cost : float
        Mean over the images of the epoch, each as the network was when it came to its minibatch
        (under dropout and augmentation if there are any); in nats for cross-entropy.
    train_accuracy : float
        Share of them recognised, 0 to 1.
    validation_accuracy, validation_cost : float or None
        At the end of the epoch, on the images held out (see `History.held_out`); None without any.
    learning_rate : float
        Of the epoch's last step.
    batch_size : int
    """

    epoch: int
    train_seconds: float
    train_cost: float
    train_accuracy: float
    validation_accuracy: float | None
    validation_cost: float | None
    learning_rate: float
    batch_size: int


COLUMNS = tuple(column.name for column in fields(EpochRow))


@dataclass
class History:
    """A training run's figures.

    Attributes
    ----------
    rows : list of EpochRow
    stopped : str or None
        Why the run ended before its last epoch.
    chosen_epoch : int or None
        The epoch (from 1) whose weights the network was left with.
    notices : list of str
        What the run remarked on: accuracy at chance, images scaled twice, weights restored.
    held_out : {"validation", "test"}
        What the images held out are called, wherever a figure on them is shown.
    """

    rows: list[EpochRow] = field(default_factory=list)
    stopped: str | None = None
    chosen_epoch: int | None = None
    notices: list[str] = field(default_factory=list)
    held_out: HeldOut = "validation"

    def __len__(self) -> int:
        return len(self.rows)

    def shown(self, figure: str) -> str:
        """Return a figure's name with what the images held out are called.

        Examples
        --------
        >>> History(held_out="test").shown("validation_accuracy")
        'test_accuracy'
        """
        return figure.replace("validation", self.held_out)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries, fit for JSON."""
        return [dict(vars(row)) for row in self.rows]

    def to_csv(self, labels: Mapping[str, str] | None = None) -> str:
        """Return the rows as CSV with a header; ``labels`` become leading columns of equal cells.

        Examples
        --------
        >>> history = History([EpochRow(1, 0.5, 0.3, 0.91, None, None, 0.001, 32)])
        >>> history.to_csv({"model": "=1+1"}).splitlines()[1]
        "'=1+1,1,0.5,0.3,0.91,,,0.001,32"
        """
        labels = labels or {}
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([csv_cell(name) for name in labels] + [self.shown(name) for name in COLUMNS])
        for row in self.to_dicts():
            writer.writerow([csv_cell(value) for value in (*labels.values(), *row.values())])
        return text.getvalue()

    def write_csv(self, path: Path, labels: Mapping[str, str] | None = None) -> None:
        """Write `to_csv` to a file, atomically."""
        write_atomically(Path(path), self.to_csv(labels).encode("utf-8"))


def csv_cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula; None becomes an empty cell.

    References
    ----------
    OWASP, "CSV Injection": a leading =, +, -, @, tab or return is defused by an apostrophe.
    """
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return "'" + text
    return text
