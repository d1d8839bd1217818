"""Accuracy against what it costs: seconds of training, and parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tenfold.evaluate.comparison import ModelResults
from tenfold.evaluate.comparison_page.error_axis import colour, error_axis
from tenfold.evaluate.wording import percent
from tenfold.pages.axes import BOLD, foot, grid_lines, logarithmic, width_of
from tenfold.pages.svg import Html, chart, dot, stroke, words

_WIDTH, _HEIGHT = 400, 260
_RIGHT, _TOP, _BOTTOM = 384, 14, 212
_LINE = 13  # the height of a name


@dataclass(frozen=True)
class Cost:
    """Something that an accuracy costs.

    Attributes
    ----------
    name : str
    of : callable
        The cost of a model; ``None`` where it is not known.
    wording : callable
        A cost in words.
    ticks : tuple of float
        Costs that may have a tick, the most welcome first.
    """

    name: str
    of: Callable[[ModelResults], float | None]
    wording: Callable[[float], str]
    ticks: tuple[float, ...]


def cost_chart(models: Sequence[ModelResults], cost: Cost) -> Html | None:
    """A dot for each model whose cost is known, over a logarithmic scale; the bar spans its runs."""
    known = [(i, one, value) for i, one in enumerate(models) if (value := cost.of(one))]
    if not known:
        return None
    axis = error_axis([1 - float(a) for _, one, _ in known for a in one.accuracies], _BOTTOM, _TOP)
    low, high = min(value for *_, value in known) / 1.6, max(value for *_, value in known) * 1.6
    left = 10 + width_of(name for _, name in axis.marks)
    x = logarithmic(low, high, left, _RIGHT)
    dots, bars = [], []
    for i, one, value in known:
        ends = [axis.place(1 - float(a)) for a in (one.accuracies.min(), one.accuracies.max())]
        mean = float(one.accuracies.mean())
        dots.append(stroke(x(value), ends[0], x(value), ends[1], f"whisker {colour(i)}"))
        title = f"{one.name}: {percent(mean, 3)}, {cost.wording(value)}"
        dots.append(dot(x(value), axis.place(1 - mean), f"spot {colour(i)}", title, 5))
        bars.append(_Bar(one.name, colour(i), x(value), axis.place(1 - mean), min(ends), max(ends)))
    ticks = [(x(tick), cost.wording(tick)) for tick in cost.ticks if low <= tick <= high]
    every = "; ".join(
        f"{one.name}: {percent(float(one.accuracies.mean()))} at {cost.wording(value)}"
        for _, one, value in known
    )
    return chart(
        _WIDTH,
        _HEIGHT,
        f"Accuracy by {cost.name}. {every}.",
        *grid_lines(left, _RIGHT, axis.marks),
        *foot(left, _RIGHT, _BOTTOM, ticks, f"{cost.name}, on a logarithmic scale"),
        *dots,
        *_names(bars, left),
    )


@dataclass(frozen=True)
class _Bar:
    """A model's dot, and the bar from its worst run to its best."""

    name: str
    kind: str
    x: float
    y: float
    top: float
    bottom: float


def _names(bars: Sequence[_Bar], left: float) -> list[Html]:
    """Names beside the dots, clear of all dots and bars and of one another."""
    taken = [(one.x - 6, one.x + 6, min(one.top, one.y - 6), max(one.bottom, one.y + 6)) for one in bars]
    parts = []
    for one in sorted(bars, key=lambda bar: bar.y):
        width = BOLD * width_of([one.name])
        x, y = _free_place(one, width, left, taken)
        taken.append((x, x + width, y - _LINE / 2, y + _LINE / 2))
        parts.append(words(x, y + 4, one.name, f"t label {one.kind}", "start"))
    return parts


def _free_place(
    one: _Bar, width: float, left: float, taken: Sequence[tuple[float, float, float, float]]
) -> tuple[float, float]:
    """The place nearest to the dot, on either side, that nothing else has."""

    def free(x: float, y: float) -> bool:
        inside = left <= x and x + width <= _WIDTH and _TOP - 6 <= y <= _BOTTOM - 6
        return inside and not any(
            a < x + width and x < b and c < y + _LINE / 2 and y - _LINE / 2 < d for a, b, c, d in taken
        )

    offsets = sorted(range(-120, 121, 3), key=abs)
    places = [(x, one.y + dy) for dy in offsets for x in (one.x + 9, one.x - 9 - width)]
    return next((place for place in places if free(*place)), places[0])
