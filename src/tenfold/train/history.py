"""The figures of each epoch, in memory and as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tenfold.errors import ConfigError
from tenfold.files import write_atomically
from tenfold.habits import constructor
from tenfold.quoting import quoted
from tenfold.registry import unknown
from tenfold.train.former_names import figures_today
from tenfold.train.habits import HISTORY_NAMES
from tenfold.train.history_cell import history_cell

if TYPE_CHECKING:
    from pandas import DataFrame

HeldOut: TypeAlias = Literal["validation", "test"]
"""The name of the images that each epoch is evaluated on."""


@dataclass(frozen=True)
class EpochMetrics:
    """Accuracy and loss of a network on some images, at prediction.

    Attributes
    ----------
    accuracy : float
        Share of correct predictions, 0 to 1.
    loss : float or None
        Mean loss; None if it is not finite.
    """

    accuracy: float
    loss: float | None


@dataclass(frozen=True)
class EpochRow:
    """One epoch's figures.

    Attributes
    ----------
    epoch : int
        From 1.
    train_seconds : float
        Training alone, without validation and saving.
    train_loss : float
        Mean over the epoch's images, each evaluated in its own step, with dropout and augmentation if
        there are any; in nats for cross-entropy.
    train_accuracy : float
        Share of correct predictions in these steps, 0 to 1.
    validation_accuracy, validation_loss : float or None
        At the end of the epoch, on the held-out images (see `History.held_out`); None without any.
    learning_rate : float
        Of the epoch's last step, as the recipe sets it; see `Progress.learning_rate`.
    batch_size : int
    watched : mapping of str to EpochMetrics
        At the end of the epoch, on watched images, by name; no choice uses them.
    watch_seconds : float
        How long that took.
    """

    epoch: int
    train_seconds: float
    train_loss: float
    train_accuracy: float
    validation_accuracy: float | None
    validation_loss: float | None
    learning_rate: float
    batch_size: int
    watched: Mapping[str, EpochMetrics] = field(default_factory=dict)
    watch_seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the row as new JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> EpochRow:
        """Return the row that `to_dict` gave, in this version or an earlier one.

        Raises
        ------
        TypeError
            If it is not such a row.
        """
        if not isinstance(row, Mapping):
            raise TypeError(f"row = {quoted(row)}")
        watched = row.get("watched", {})
        if not isinstance(watched, Mapping) or not all(isinstance(one, Mapping) for one in watched.values()):
            raise TypeError(f"watched = {quoted(watched)}")
        evaluated = {name: EpochMetrics(**figures_today(one)) for name, one in watched.items()}
        return cls(**{**figures_today(row), "watched": evaluated})


COLUMNS = tuple(column.name for column in fields(EpochRow) if not column.name.startswith("watch"))
"""Columns of the CSV file; those of watched images follow."""


@constructor(attributes=HISTORY_NAMES)
@dataclass
class History:
    """A training run's figures.

    Attributes
    ----------
    rows : list of EpochRow
    stopped : str or None
        Why the run ended before its last epoch.
    chosen_epoch : int or None
        The epoch (from 1) whose weights the network has after the run.
    notices : list of str
        Notices of the run: accuracy at chance, images scaled twice, weights restored.
    held_out : {"validation", "test"}
        The name of the held-out images in all outputs.
    """

    rows: list[EpochRow] = field(default_factory=list)
    stopped: str | None = None
    chosen_epoch: int | None = None
    notices: list[str] = field(default_factory=list)
    held_out: HeldOut = "validation"

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: str | int) -> Any:
        """Return a column by its name, a list with a figure for each epoch; or the row at a place.

        Examples
        --------
        >>> History([EpochRow(1, 0.5, 0.3, 0.91, None, None, 0.001, 32)])["train_loss"]
        [0.3]
        """
        if isinstance(which, int):
            return self.rows[which]
        name = {"loss": "train_loss", "accuracy": "train_accuracy"}.get(which, which)
        name = re.sub("^val_", "validation_", name)
        if name not in COLUMNS:
            raise unknown("column", which, COLUMNS)
        return [getattr(row, name) for row in self.rows]

    def shown(self, figure: str) -> str:
        """Return a figure's name with the name of the held-out images.

        Examples
        --------
        >>> History(held_out="test").shown("validation_accuracy")
        'test_accuracy'
        """
        return figure.replace("validation", self.held_out)

    @property
    def watched(self) -> tuple[str, ...]:
        """Return the names of the watched images."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.watched))

    @property
    def watch_seconds(self) -> float:
        """Return the seconds that watching took in all epochs."""
        return sum(row.watch_seconds for row in self.rows)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries, fit for JSON."""
        return [row.to_dict() for row in self.rows]

    def to_frame(self) -> DataFrame:
        """Return the rows as a pandas data frame, with the columns of `to_csv`, indexed by epoch.

        Raises
        ------
        ConfigError
            If pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise ConfigError(
                "to_frame: expected pandas to be installed, found nothing; "
                "pip install pandas, or use to_dicts()"
            ) from error
        rows = [{**self._own_cells(row), **_watched_cells(row, self.watched)} for row in self.rows]
        return DataFrame(rows, columns=None if rows else [*map(self.shown, COLUMNS)]).set_index("epoch")

    def _repr_html_(self) -> str:
        said = [*([f"stopped: {self.stopped}"] if self.stopped else []), *self.notices]
        return history_cell(self.to_dicts(), self.held_out, said)

    def to_csv(self, labels: Mapping[str, str] | None = None) -> str:
        """Return the rows as CSV with a header; ``labels`` become leading columns of equal cells.

        Figures of watched images follow the others, as ``watched_test_accuracy``, ``watched_test_loss``.

        Examples
        --------
        >>> history = History([EpochRow(1, 0.5, 0.3, 0.91, None, None, 0.001, 32)])
        >>> history.to_csv({"model": "=1+1"}).splitlines()[1]
        "'=1+1,1,0.5,0.3,0.91,,,0.001,32"
        """
        labels = labels or {}
        text = io.StringIO()
        writer = csv.writer(text)
        watched = self.watched
        columns = [{**self._own_cells(row), **_watched_cells(row, watched)} for row in self.rows]
        names = list(columns[0]) if columns else [self.shown(name) for name in COLUMNS]
        writer.writerow([csv_cell(name) for name in (*labels, *names)])
        for cells in columns:
            writer.writerow([csv_cell(value) for value in (*labels.values(), *cells.values())])
        return text.getvalue()

    def _own_cells(self, row: EpochRow) -> dict[str, Any]:
        return {self.shown(name): getattr(row, name) for name in COLUMNS}

    def write_csv(self, path: Path, labels: Mapping[str, str] | None = None) -> None:
        """Write `to_csv` to a file, atomically."""
        write_atomically(Path(path), self.to_csv(labels).encode("utf-8"))


def _watched_cells(row: EpochRow, names: Iterable[str]) -> dict[str, Any]:
    """Return the cells of watched images, those of all names in every row."""
    cells: dict[str, Any] = {}
    for name in names:
        found = row.watched.get(name)
        cells[f"watched_{name}_accuracy"] = None if found is None else found.accuracy
        cells[f"watched_{name}_loss"] = None if found is None else found.loss
    return cells | {"watch_seconds": row.watch_seconds} if cells else {}


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
