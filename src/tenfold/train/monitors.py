"""Which figure of an epoch a choice looks at, and which of two is better."""

from __future__ import annotations

from tenfold.errors import ConfigError
from tenfold.registry import lookup
from tenfold.train.history import EpochRow

# name -> (column, what is best: +1 the smallest value, -1 the largest)
_COLUMNS = {
    "train_cost": ("train_cost", 1),
    "train_accuracy": ("train_accuracy", -1),
    "validation_cost": ("validation_cost", 1),
    "validation_accuracy": ("validation_accuracy", -1),
}
_ERRORS = {"train_error": "train_accuracy", "validation_error": "validation_accuracy"}
MONITORS = (*_COLUMNS, *_ERRORS)


def check_monitor(name: str) -> None:
    """Refuse a monitor that does not exist.

    Raises
    ------
    ConfigError
        With the nearest name.
    """
    lookup("monitor", name, dict.fromkeys(MONITORS, name))


def score(row: EpochRow, monitor: str) -> float:
    """Return an epoch's figure, negated where more is better: the smallest score is the best.

    Raises
    ------
    ConfigError
        If the monitor needs validation images and the run has none.
    """
    column, sign = _COLUMNS[_ERRORS.get(monitor, monitor)]
    value = getattr(row, column)
    if value is None:
        raise ConfigError(f"{monitor} needs validation images, got none; pass some or watch train_cost")
    return float(1.0 - value if monitor in _ERRORS else sign * value)


def improves(new: float, best: float | None, min_change: float) -> bool:
    """Return whether a score beats the best one by more than ``min_change``, relative to it."""
    return best is None or new < best - min_change * abs(best)
