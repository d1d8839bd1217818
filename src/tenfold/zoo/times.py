"""Times of a model on a quiet machine, read from ``times/`` in the ledger and from nowhere else.

`tenfold verify NAME --time` writes these files. The seconds of trials are not measures of speed: many ran
at the same time, on machines with other work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tenfold.checkpoint import read_json
from tenfold.errors import DataError
from tenfold.quoting import message
from tenfold.zoo.digest import digest
from tenfold.zoo.entry import Trainable
from tenfold.zoo.measured import MAX_BYTES, PLACES

FOLDER = "times"
"""The folder in the ledger with a file for each model."""


@dataclass(frozen=True)
class Duration:
    """Seconds over several repeats, after a first one that is not counted.

    Attributes
    ----------
    median, low, high : float
    repeats : int
    """

    median: float
    low: float
    high: float
    repeats: int

    @classmethod
    def over(cls, seconds: Sequence[float]) -> Duration:
        """Return the spread of ``seconds``.

        >>> Duration.over([3.0, 1.0, 1.5])
        Duration(median=1.5, low=1.0, high=3.0, repeats=3)
        """
        return cls(median(seconds), min(seconds), max(seconds), len(seconds))


@dataclass(frozen=True)
class Times:
    """Times of a model on a quiet machine, with all its cores.

    Attributes
    ----------
    train : Duration
        The whole training.
    predict : Duration
        All the test images.
    train_images, test_images : int
    epochs : int or None
        Epochs of the training; ``None`` for models without epochs.
    machine : str
        Processor and cores.
    others : float or None
        Share of the processors that other programs used at the same time, if the system reports it.
    date : str
    commit : str or None
    """

    train: Duration
    predict: Duration
    train_images: int
    test_images: int
    epochs: int | None
    machine: str
    others: float | None
    date: str
    commit: str | None


def times_file(folder: Path, name: str) -> Path:
    """Return where a model's times are in a ledger's folder."""
    return folder / FOLDER / f"{name}.json"


def times(entry: Trainable, places: Sequence[Path] = PLACES) -> Times | None:
    """Return the latest times of a model; ``None`` until its present version is timed.

    Parameters
    ----------
    entry : Trainable
        Times of another network or recipe under its name are ignored.
    places : sequence of Path
        Ledgers' folders.

    Raises
    ------
    DataError
        If there is a file that `tenfold verify --time` did not write.
    """
    for place in places:
        path = times_file(place, entry.name)
        if path.is_file():
            found = read_times(path)
            same = [one for one in found if one["digest"] == digest(entry)]
            return _times(path, same[-1]) if same else None
    return None


def read_times(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file of times: one for each machine, the latest last.

    Raises
    ------
    DataError
        If it is not such a file.
    """
    found = read_json(path, max_bytes=MAX_BYTES)
    try:
        records = list(found["times"])
        for record in records:
            str(record["digest"]), str(record["machine"])
    except (KeyError, TypeError) as error:
        raise _other(path, error) from error
    return records


def _times(path: Path, found: Mapping[str, Any]) -> Times:
    try:
        train, predict = found["train"], found["predict"]
        return Times(
            train=Duration.over([float(one) for one in train["seconds"]]),
            predict=Duration.over([float(one) for one in predict["seconds"]]),
            train_images=int(train["images"]),
            test_images=int(predict["images"]),
            epochs=None if train["epochs"] is None else int(train["epochs"]),
            machine=str(found["machine"]),
            others=None if found["others"] is None else float(found["others"]),
            date=str(found["date"]),
            commit=found["commit"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _other(path, error) from error


def _other(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path}: expected the times that `tenfold verify --time` writes, got others ({message(error)}); "
        "remove it"
    )
