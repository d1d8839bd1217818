"""The history of a training as series that can be drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenfold.errors import ConfigError
from tenfold.train import History
from tenfold.train.former_names import figures_today

PARTS = ("train", "validation", "test")
SMALLEST_ERROR = 1e-4  # the place of 100 % on a logarithmic scale of errors


@dataclass(frozen=True)
class Series:
    """One curve: the part of the data it was measured on, and points ``(epoch, value)``.

    Of a part that was ``watched``, the figures are those after each epoch, and no choice depended on them.
    """

    part: str
    points: tuple[tuple[int, float], ...]
    watched: bool = False

    @property
    def label(self) -> str:
        """The part's name, with a word that it was only watched."""
        return f"{self.part}, watched" if self.watched else self.part

    @property
    def last(self) -> float:
        """Value at the last epoch."""
        return self.points[-1][1]


@dataclass(frozen=True)
class Curves:
    """Accuracy and loss, epoch by epoch; only the series that the history holds."""

    accuracy: tuple[Series, ...]
    loss: tuple[Series, ...]
    learning_rate: tuple[tuple[int, float], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.accuracy or self.loss)


def curves(history: History | Sequence[Mapping[str, object]]) -> Curves:
    """Read the series from one record an epoch.

    Parameters
    ----------
    history : History or sequence of mappings
        Each with ``epoch`` (counted from 1) and any of ``train_accuracy``, ``train_loss``,
        ``validation_accuracy``, ``validation_loss``, ``test_accuracy``, ``test_loss``, ``learning_rate``;
        accuracies as fractions, losses in nats. Figures of images that were only watched are in ``watched``,
        by name: ``{"test": {"accuracy": 0.99, "loss": 0.03}}``. What is absent, ``None`` or not finite is
        left out; other keys are ignored.

    Raises
    ------
    ConfigError
        If a record has no ``epoch``, or a value is no number.

    Examples
    --------
    >>> curves([{"epoch": 1, "train_loss": 0.25}, {"epoch": 2, "train_loss": 0.125}]).loss[0].last
    0.125
    """

    records = history.to_dicts() if isinstance(history, History) else history
    history = [figures_today(record) for record in records]
    watched = _watched(history)

    def series(quantity: str) -> tuple[Series, ...]:
        found = [Series(part, _points(history, f"{part}_{quantity}")) for part in PARTS]
        found += [Series(name, _points(rows, quantity), watched=True) for name, rows in watched.items()]
        return tuple(one for one in found if one.points)

    return Curves(series("accuracy"), series("loss"), _points(history, "learning_rate"))


def _watched(history: Sequence[Mapping[str, object]]) -> dict[str, list[Mapping[str, object]]]:
    """Return the figures of watched images, by name one record an epoch."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for record in history:
        watched = record.get("watched")
        for name, figures in watched.items() if isinstance(watched, Mapping) else ():
            if isinstance(figures, Mapping):
                found.setdefault(str(name), []).append(
                    {"epoch": record.get("epoch"), **figures_today(figures)}
                )
    return found


def _points(history: Sequence[Mapping[str, object]], key: str) -> tuple[tuple[int, float], ...]:
    points = []
    for place, record in enumerate(history):
        epoch, value = record.get("epoch"), record.get(key)
        if not isinstance(epoch, int):
            raise ConfigError(
                f"history: expected a whole number 'epoch' in record {place}, got {epoch!r}; "
                "pass one record an epoch"
            )
        if value is None:
            continue
        if not isinstance(value, (int, float)):
            raise ConfigError(
                f"history: expected a number for {key!r} in record {place}, got {value!r}; "
                "convert it with float()"
            )
        if math.isfinite(value):
            points.append((epoch, float(value)))
    return tuple(points)


def round_ticks(low: float, high: float, most: int = 9) -> list[float]:
    """1, 2 and 5 times the powers of ten from ``low`` to ``high``; the powers alone where those are too many.

    Examples
    --------
    >>> round_ticks(0.03, 0.6)
    [0.05, 0.1, 0.2, 0.5]
    """
    every = [float(f"{step}e{power}") for power in range(-12, 12) for step in (1, 2, 5)]
    inside = [tick for tick in every if low <= tick <= high]
    return inside if len(inside) <= most else [tick for tick in inside if f"{tick:e}".startswith("1")]


def round_step(width: float) -> float:
    """1, 2 or 5 times a power of ten, at least ``width``.

    Examples
    --------
    >>> round_step(0.3), round_step(20)
    (0.5, 20.0)
    """
    power: float = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width * 0.999)
