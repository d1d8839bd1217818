"""A scale for accuracies, wide enough to show differences near 100 %; and the colours of models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenfold.evaluate.curves import SMALLEST_ERROR, round_ticks
from tenfold.pages.axes import Scale, linear, logarithmic, multiples, places, round_step

COLOURS = 8
_WIDE = 2.5  # from this ratio of error rates on, a logarithmic scale shows more


def colour(place: int) -> str:
    """The class of the model at a place: one of eight colours, then the same with hollow dots."""
    hollow = " hollow" if place // COLOURS % 2 else ""
    return f"k{place % COLOURS}{hollow}"


@dataclass(frozen=True)
class ErrorAxis:
    """The position of an error rate in pixels, and the rates with a tick, with their accuracies in words."""

    place: Scale
    ticks: tuple[tuple[float, str], ...]

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Positions of the ticks, with their words."""
        return [(self.place(tick), name) for tick, name in self.ticks]


def error_axis(errors: Sequence[float], worst: float, best: float) -> ErrorAxis:
    """Spread error rates (fractions) over the pixels from ``worst`` to ``best``.

    The scale is logarithmic where the rates differ much, which widens it towards 100 % accuracy.
    """
    low, high = max(min(errors), SMALLEST_ERROR), max(*errors, SMALLEST_ERROR)
    if high / low >= _WIDE:
        low, high = low / 1.25, min(high * 1.25, 1.0)
        place = logarithmic(low, high, best, worst)
        return ErrorAxis(lambda error: place(max(error, low)), _named(round_ticks(low, high, most=7)))
    low, high = min(errors), max(errors)
    margin = max(high - low, 1e-4) * 0.12
    low, high = low - margin, high + margin
    step = round_step((high - low) / 7)
    return ErrorAxis(linear(low, high, best, worst), _named(multiples(step, low, high), places(100 * step)))


def _named(ticks: Sequence[float], decimals: int | None = None) -> tuple[tuple[float, str], ...]:
    def name(tick: float) -> str:
        accuracy = 100 * (1 - tick)
        return f"{accuracy:g} %" if decimals is None else f"{accuracy:.{decimals}f} %"

    return tuple((tick, name(tick)) for tick in ticks if -1e-12 <= tick <= 1)
