"""A scale for accuracies, wide enough to see differences near 100 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from tenfold.evaluate.curves import SMALLEST_ERROR, round_step, round_ticks
from tenfold.evaluate.page.svg import Scale, linear, logarithmic

_WIDE = 2.5  # from this ratio of error rates on, a logarithmic scale shows more


@dataclass(frozen=True)
class ErrorAxis:
    """Where an error rate stands, and the rates that are marked, with their accuracies in words."""

    place: Scale
    ticks: tuple[tuple[float, str], ...]

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Where the marked rates stand, with their words."""
        return [(self.place(tick), name) for tick, name in self.ticks]


def error_axis(errors: Sequence[float], worst: float, best: float) -> ErrorAxis:
    """Spread error rates (fractions) over the pixels from ``worst`` to ``best``.

    The scale is logarithmic where the rates are far apart, which widens it towards 100 % accuracy.
    """
    low, high = max(min(errors), SMALLEST_ERROR), max(*errors, SMALLEST_ERROR)
    if high / low >= _WIDE:
        low, high = low / 1.25, min(high * 1.25, 1.0)
        ticks = round_ticks(low, high, most=7)
        place = logarithmic(low, high, best, worst)
        return ErrorAxis(lambda error: place(max(error, low)), _named(ticks))
    low, high = min(errors), max(errors)
    margin = max(high - low, 1e-4) * 0.12
    low, high = low - margin, high + margin
    step = round_step((high - low) / 7)
    ticks = [step * i for i in range(ceil(low / step), floor(high / step) + 1)]
    return ErrorAxis(linear(low, high, best, worst), _named(ticks, max(0, -floor(log10(step * 100) + 1e-9))))


def _named(ticks: Sequence[float], places: int | None = None) -> tuple[tuple[float, str], ...]:
    def name(tick: float) -> str:
        accuracy = 100 * (1 - tick)
        return f"{accuracy:g} %" if places is None else f"{accuracy:.{places}f} %"

    return tuple((tick, name(tick)) for tick in ticks if -1e-12 <= tick <= 1)
