"""The figures that we measured ourselves, read from ``results/`` and from nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenfold.checkpoint import read_json
from tenfold.errors import DataError

_PACKAGE = Path(__file__).parent.parent
# In an installed package the files lie in it; in a checkout, at the top.
PLACES = (_PACKAGE / "results", _PACKAGE.parent.parent / "results")


@dataclass(frozen=True)
class Spread:
    """Mean, smallest and largest value over several runs."""

    mean: float
    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Spread:
        """Return the spread of ``values``."""
        return cls(sum(values) / len(values), min(values), max(values))


@dataclass(frozen=True)
class Measured:
    """What a model achieved here, over its seeds.

    Attributes
    ----------
    dataset, protocol : str
        Which data, and how the choices were made.
    seeds : tuple of int
        One for each run.
    accuracy : Spread
        Fraction of the test images.
    cost : Spread
        Mean cost on the test images, nats.
    train_seconds, predict_seconds : float
        Means over the runs; the second is for all the test images.
    machine : str
        Processor and number of cores.
    commit : str or None
        State of the source.
    """

    dataset: str
    protocol: str
    seeds: tuple[int, ...]
    accuracy: Spread
    cost: Spread
    train_seconds: float
    predict_seconds: float
    machine: str
    commit: str | None


def measured(name: str, places: Sequence[Path] = PLACES) -> Measured | None:
    """Return the figures of a model, or ``None`` where there are none.

    Raises
    ------
    DataError
        If there is a file of figures that cannot be read.
    """
    for place in places:
        path = place / f"{name}.json"
        if path.is_file():
            return _read(path)
    return None


def _read(path: Path) -> Measured:
    found = read_json(path)
    try:
        return Measured(
            dataset=found["dataset"],
            protocol=found["protocol"],
            seeds=tuple(found["seeds"]),
            accuracy=_spread(found["accuracy"]),
            cost=_spread(found["cost"]),
            train_seconds=float(found["train_seconds"]),
            predict_seconds=float(found["predict_seconds"]),
            machine=found["machine"],
            commit=found["commit"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}: expected the figures that `make results` writes, got others ({error!r}); measure again"
        ) from error


def _spread(found: dict[str, Any]) -> Spread:
    return Spread(float(found["mean"]), float(found["low"]), float(found["high"]))
