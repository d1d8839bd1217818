"""Monitors: the figure of an epoch that a choice uses, and which of two values is better."""

from __future__ import annotations

from tenfold.errors import ConfigError
from tenfold.registry import lookup
from tenfold.train.former_names import TODAY
from tenfold.train.history import EpochRow

# name -> (column, +1 if the smallest value is best, -1 if the largest)
_COLUMNS = {
    "train_loss": ("train_loss", 1),
    "train_accuracy": ("train_accuracy", -1),
    "validation_loss": ("validation_loss", 1),
    "validation_accuracy": ("validation_accuracy", -1),
}
_ERRORS = {"train_error": "train_accuracy", "validation_error": "validation_accuracy"}
MONITORS = (*_COLUMNS, *_ERRORS)


def monitor_name(name: str) -> str:
    """Return the name of a monitor; a former one, such as ``train_cost``, gives today's.

    Raises
    ------
    ConfigError
        If there is no such monitor; the nearest name is offered.
    """
    today = TODAY.get(name, name) if isinstance(name, str) else name
    return lookup("monitor", today, {one: one for one in MONITORS})


def score(row: EpochRow, monitor: str) -> float:
    """Return an epoch's figure, negated if larger is better: the smallest score is the best.

    Raises
    ------
    ConfigError
        If the monitor needs validation images and the run has none.
    """
    column, sign = _COLUMNS[_ERRORS.get(monitor, monitor)]
    value = getattr(row, column)
    if value is None:
        raise ConfigError(f"{monitor} needs validation images, got none; pass some or use train_loss")
    return float(1.0 - value if monitor in _ERRORS else sign * value)


def improves(new: float, best: float | None, min_change: float) -> bool:
    """Return whether a score beats the best one by more than ``min_change``, relative to it."""
    return best is None or new < best - min_change * abs(best)
