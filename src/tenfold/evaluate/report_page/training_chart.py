"""Training curves: accuracy on a scale that widens towards 100 %, loss on a logarithmic one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tenfold.evaluate.curves import PARTS, SMALLEST_ERROR, Series, round_ticks
from tenfold.evaluate.wording import nats, percent
from tenfold.pages.axes import BOLD, Scale, foot, grid_lines, linear, logarithmic, spread_heights, width_of
from tenfold.pages.svg import Html, chart, dot, el, stroke, words

_WIDTH, _HEIGHT = 400, 250
_TOP, _BOTTOM = 12, 212
_APART = 27  # labels of two lines, one under the other


def accuracy_curves(series: Sequence[Series], chosen: int | None) -> Html | None:
    """Draw accuracies, fractions in the series, where their error rates are on a logarithmic scale."""

    def error(accuracy: float) -> float:
        return max(1 - accuracy, SMALLEST_ERROR)

    ends = (_TOP, _BOTTOM)
    words = "Accuracy", lambda rate: f"{100 * (1 - rate):g} %", percent
    return _curves(series, chosen, ends, error, *words, highest=1)  # an error rate


def loss_curves(series: Sequence[Series], chosen: int | None) -> Html | None:
    """Draw losses in nats; a logarithmic scale has no place for zero."""
    positive = [
        Series(one.part, tuple(point for point in one.points if point[1] > 0), one.watched) for one in series
    ]
    return _curves(positive, chosen, (_BOTTOM, _TOP), float, "Loss in nats", "{:g}".format, nats)


def _curves(
    series: Sequence[Series],
    chosen: int | None,
    ends: tuple[int, int],
    placed: Callable[[float], float],
    what: str,
    tick: Callable[[float], str],
    wording: Callable[[float], str],
    *,
    highest: float = math.inf,
) -> Html | None:
    """Draw series on a logarithmic scale; ``placed`` maps a value to it, its least is at ``ends[0]``."""
    series = [one for one in series if one.points]
    if not series:
        return None
    values = [placed(value) for one in series for _, value in one.points]
    epochs = [epoch for one in series for epoch, _ in one.points]
    low, high = min(values) / 1.25, min(max(values) * 1.25, highest)
    y = logarithmic(low, high, *ends)
    marks = [(y(value), tick(value)) for value in round_ticks(low, high)]
    left = 10 + width_of(name for _, name in marks)
    last_words = [_end(one, wording) for one in series]
    right = _WIDTH - 14 - max(width_of(last_words), BOLD * width_of(one.part for one in series))
    x = _epoch_scale(epochs, left, right)
    points = [[(x(epoch), y(placed(value)), epoch, value) for epoch, value in one.points] for one in series]
    labels = spread_heights([one[-1][1] for one in points], _APART, _TOP, _BOTTOM)
    last = ", ".join(f"{one.label} {wording(one.last)}" for one in series)
    return chart(
        _WIDTH,
        _HEIGHT,
        f"{what} by epoch; at the last: {last}.",
        *grid_lines(left, right + 4, marks),
        *foot(left, right + 4, _BOTTOM, [(x(epoch), str(epoch)) for epoch in _epoch_ticks(epochs)], "epoch"),
        _chosen(chosen, epochs, x),
        *(_line(one, its, wording) for one, its in zip(series, points, strict=True)),
        *(_name(*one, right + 12) for one in zip(series, labels, last_words, strict=True)),
    )


def _epoch_scale(epochs: list[int], left: float, right: float) -> Scale:
    first, last = min(epochs), max(epochs)
    if first == last:  # one epoch is in the middle
        return lambda _: (left + right) / 2
    return linear(first, last, left + 8, right)


def _epoch_ticks(epochs: list[int]) -> list[int]:
    first, last = min(epochs), max(epochs)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**6) if (last - first) / step <= 10)
    return sorted({first, *range(step * (first // step + 1), last + 1, step)})


def _chosen(chosen: int | None, epochs: list[int], x: Scale) -> Html | None:
    if chosen is None or not min(epochs) <= chosen <= max(epochs):
        return None
    return stroke(x(chosen), _TOP, x(chosen), _BOTTOM, "chosen", f"epoch {chosen}, whose weights were kept")


def _line(
    one: Series, points: list[tuple[float, float, int, float]], wording: Callable[[float], str]
) -> Html:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in points)
    dots = [
        dot(x, y, f"dot {_kind(one)}", f"{one.label}, epoch {epoch}: {wording(value)}", 2.6)
        for x, y, epoch, value in points
    ]
    return el("g", el("polyline", points=path, class_=f"curve {_kind(one)}"), *dots)


def _name(one: Series, y: float, last: str, x: float) -> Html:
    """The label at a line's end: the part of the data, and its last value."""
    part = words(x, y - 1, one.part, f"t label {_kind(one)}", "start")
    return el("g", part, words(x, y + 12, last, "t small soft", "start"))


def _kind(one: Series) -> str:
    return f"{one.part if one.part in PARTS else 'other'}{' watched' if one.watched else ''}"


def _end(one: Series, wording: Callable[[float], str]) -> str:
    return f"{'watched, ' * one.watched}{wording(one.last)}"
