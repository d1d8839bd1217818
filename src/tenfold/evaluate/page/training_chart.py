"""Training curves for the page: accuracy on a scale that widens towards 100 %, loss on a logarithmic one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tenfold.evaluate.curves import PARTS, SMALLEST_ERROR, Series, round_ticks
from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.svg import Scale, chart, levels, linear, logarithmic, stroke, words
from tenfold.evaluate.wording import percent

_WIDTH, _HEIGHT = 400, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 296, 12, 212
_APART = 27  # labels of two lines, one under the other


def accuracy_curves(series: tuple[Series, ...], chosen: int | None) -> Html:
    """Draw accuracies, fractions in the series, as errors on an upturned logarithmic scale."""
    errors = tuple(
        replace(one, points=tuple((e, max(1 - value, SMALLEST_ERROR)) for e, value in one.points))
        for one in series
    )

    def wording(value: float) -> str:
        return percent(1 - value)

    return _chart(
        "Accuracy", errors, chosen, up=False, tick=lambda value: f"{100 * (1 - value):g} %", wording=wording
    )


def loss_curves(series: tuple[Series, ...], chosen: int | None) -> Html:
    """Draw losses in nats."""
    positive = tuple(
        replace(one, points=tuple(point for point in one.points if point[1] > 0)) for one in series
    )
    return _chart(
        "Loss in nats",
        positive,
        chosen,
        up=True,
        tick=lambda value: f"{value:g}",
        wording=lambda value: f"{value:.4f}",
    )


def _chart(
    what: str,
    series: tuple[Series, ...],
    chosen: int | None,
    *,
    up: bool,
    tick: Callable[[float], str],
    wording: Callable[[float], str],
) -> Html:
    series = tuple(one for one in series if one.points)
    if not series:
        return el("p", "Not recorded.", class_="note")
    values = [value for one in series for _, value in one.points]
    epochs = [epoch for one in series for epoch, _ in one.points]
    low, high = min(values) / 1.25, max(values) * 1.25
    y = logarithmic(low, high, *((_BOTTOM, _TOP) if up else (_TOP, _BOTTOM)))
    x = _epoch_scale(epochs)
    ends = _ends([(one, y(one.last)) for one in series])
    lines = [_line(one, x, y, at, wording) for one, at in ends]
    last = ", ".join(f"{one.label} {wording(one.last)}" for one in series)
    return chart(
        _WIDTH,
        _HEIGHT,
        f"{what} by epoch; at the last: {last}.",
        *levels(_LEFT, _RIGHT + 4, [(y(value), tick(value)) for value in round_ticks(low, high)]),
        *_foot(epochs, x),
        _chosen(chosen, epochs, x),
        *lines,
    )


def _epoch_scale(epochs: list[int]) -> Scale:
    first, last = min(epochs), max(epochs)
    if first == last:  # one epoch stands in the middle
        return lambda _: (_LEFT + _RIGHT) / 2
    return linear(first, last, _LEFT + 8, _RIGHT)


def _foot(epochs: list[int], x: Scale) -> list[Html]:
    first, last = min(epochs), max(epochs)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**6) if (last - first) / step <= 10)
    shown = sorted({first, *range(step * (first // step + 1), last + 1, step)})
    return [
        stroke(_LEFT, _BOTTOM, _RIGHT + 4, _BOTTOM, "axis"),
        *(words(x(epoch), _BOTTOM + 16, str(epoch), "t soft") for epoch in shown),
        words((_LEFT + _RIGHT) / 2, _BOTTOM + 33, "epoch", "t soft"),
    ]


def _chosen(chosen: int | None, epochs: list[int], x: Scale) -> Html | None:
    if chosen is None or not min(epochs) <= chosen <= max(epochs):
        return None
    return el(
        "g",
        el("title", f"epoch {chosen}, whose weights were kept"),
        stroke(x(chosen), _TOP, x(chosen), _BOTTOM, "chosen"),
    )


def _ends(lines: list[tuple[Series, float]]) -> list[tuple[Series, float]]:
    """Heights of the labels at the lines' ends, pushed apart where they would touch."""
    placed: list[tuple[Series, float]] = []
    for one, at in sorted(lines, key=lambda line: line[1]):
        placed.append((one, max(at, placed[-1][1] + _APART) if placed else at))
    below = float(_BOTTOM + _APART)
    for place, (one, at) in reversed(list(enumerate(placed))):  # none below the chart
        below = min(at, below - _APART)
        placed[place] = (one, below)
    return placed


def _line(one: Series, x: Scale, y: Scale, at: float, wording: Callable[[float], str]) -> Html:
    kind = f"{one.part if one.part in PARTS else 'other'}{' watched' if one.watched else ''}"
    points = " ".join(f"{x(epoch):.1f},{y(value):.1f}" for epoch, value in one.points)
    dots = [
        el(
            "g",
            el("title", f"{one.label}, epoch {epoch}: {wording(value)}"),
            el("circle", cx=x(epoch), cy=y(value), r=2.6, class_=f"dot {kind}"),
        )
        for epoch, value in one.points
    ]
    return el(
        "g",
        el("polyline", points=points, class_=f"curve {kind}"),
        *dots,
        words(_RIGHT + 12, at - 1, one.part, f"t label {kind}", "start"),
        words(
            _RIGHT + 12, at + 12, f"{'watched, ' * one.watched}{wording(one.last)}", "t small soft", "start"
        ),
    )
