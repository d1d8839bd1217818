"""What an accuracy costs: in seconds of training, and in parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tenfold.evaluate.comparison import ModelResults
from tenfold.evaluate.comparison_page.colours import colour
from tenfold.evaluate.comparison_page.error_axis import error_axis
from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.svg import Scale, chart, dot, levels, logarithmic, stroke, words
from tenfold.evaluate.wording import percent

_WIDTH, _HEIGHT = 400, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 384, 14, 212


def cost_chart(
    models: Sequence[ModelResults],
    cost: Callable[[ModelResults], float | None],
    what: str,
    wording: Callable[[float], str],
    ticks: Sequence[float],
    unknown: str,
) -> Html:
    """A dot for each model whose cost is known, over a logarithmic scale; the bar spans its runs.

    Parameters
    ----------
    models : sequence of ModelResults
    cost : callable
        What a model costs; ``None`` where that is not known.
    what : str
        What the cost is.
    wording : callable
        A cost in words.
    ticks : sequence of float
        Costs that may be marked, those first that are to be marked where there is little room.
    unknown : str
        What is said where no model's cost is known.
    """
    known = [(i, one, value) for i, one in enumerate(models) if (value := cost(one))]
    if not known:
        return el("p", unknown, class_="note")
    axis = error_axis([1 - float(a) for _, one, _ in known for a in one.accuracies], _BOTTOM, _TOP)
    low, high = min(value for *_, value in known) / 1.6, max(value for *_, value in known) * 1.6
    x = logarithmic(low, high, _LEFT, _RIGHT)
    middles = [(x(value), axis.place(1 - float(one.accuracies.mean()))) for _, one, value in known]
    names = _names([colour(i) for i, *_ in known], [one.name for _, one, _ in known], middles)
    dots = []
    for (i, one, value), (at, middle) in zip(known, middles, strict=True):
        ends = [axis.place(1 - float(a)) for a in (one.accuracies.min(), one.accuracies.max())]
        title = f"{one.name}: {percent(float(one.accuracies.mean()), 3)}, {wording(value)}"
        dots.append(stroke(at, ends[0], at, ends[1], f"whisker {colour(i)}"))
        dots.append(dot(at, middle, f"spot {colour(i)}", title, 5))
    said = "; ".join(
        f"{one.name}: {percent(float(one.accuracies.mean()))} at {wording(value)}" for _, one, value in known
    )
    return chart(
        _WIDTH,
        _HEIGHT,
        f"Accuracy by {what}. {said}.",
        *levels(_LEFT, _RIGHT, axis.marks),
        *_foot(x, what, {wording(tick): tick for tick in ticks if low <= tick <= high}),
        *dots,
        *names,
    )


def _foot(x: Scale, what: str, ticks: Mapping[str, float]) -> list[Html]:
    shown: dict[str, float] = {}
    for name, tick in ticks.items():
        if all(abs(x(tick) - x(other)) >= 46 for other in shown.values()):
            shown[name] = tick
    return [
        stroke(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "axis"),
        *(stroke(x(tick), _BOTTOM, x(tick), _BOTTOM + 4, "axis") for tick in shown.values()),
        *(words(x(tick), _BOTTOM + 17, name, "t soft") for name, tick in shown.items()),
        words((_LEFT + _RIGHT) / 2, _BOTTOM + 36, f"{what}, on a logarithmic scale", "t soft"),
    ]


def _names(kinds: list[str], names: list[str], places: list[tuple[float, float]]) -> list[Html]:
    """Names beside the dots, on the side with more room, each clear of those above it on that side."""
    taken: list[tuple[float, float, float]] = []  # left, right, height
    parts = []
    for place in sorted(range(len(names)), key=lambda i: places[i][1]):
        x, y = places[place]
        width = 6.6 * len(names[place])
        right = x + 10 + width <= _RIGHT + 12
        left_end = x + 10 if right else x - 10 - width
        at = y + 4
        while any(a < left_end + width and left_end < b and abs(at - h) < 13 for a, b, h in taken):
            at += 3
        taken.append((left_end, left_end + width, at))
        anchor = ("start", x + 10) if right else ("end", x - 10)
        parts.append(words(anchor[1], at, names[place], f"t label {kinds[place]}", anchor[0]))
    return parts
