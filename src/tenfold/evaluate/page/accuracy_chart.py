"""The headline's scale: the accuracy as a point, its 95 % interval as a band."""

from __future__ import annotations

from math import ceil, floor, log10

from tenfold.evaluate.curves import round_step
from tenfold.evaluate.page.markup import Html
from tenfold.evaluate.page.svg import box, chart, linear, stroke, words
from tenfold.evaluate.scores import Share
from tenfold.evaluate.wording import percent

_WIDTH, _HEIGHT, _MARGIN = 380, 66, 30


def accuracy_chart(share: Share) -> Html:
    """Draw the interval on a scale a few times as wide as itself."""
    low, high = 100 * share.interval.low, 100 * share.interval.high
    step = round_step((high - low) * 0.9)
    start = max(step * floor((low - step) / step), 0.0)
    end = min(step * ceil((high + step) / step), 100.0)
    x = linear(start, end, _MARGIN, _WIDTH - _MARGIN)
    ticks = [start + i * step for i in range(round((end - start) / step) + 1)]
    places = max(0, -floor(log10(step)))
    axis = [
        part
        for tick in ticks
        for part in (
            stroke(x(tick), 30, x(tick), 36, "axis"),
            words(x(tick), 52, f"{tick:.{places}f} %", "t soft"),
        )
    ]
    label = (
        f"Accuracy {percent(share.accuracy)}, 95 % interval {percent(share.interval.low)} to "
        f"{percent(share.interval.high)}."
    )
    return chart(
        _WIDTH,
        _HEIGHT,
        label,
        stroke(x(start), 33, x(end), 33, "axis"),
        box(x(low), 21, x(high) - x(low), 10, "band", "95 % interval"),
        *axis,
        box(x(100 * share.accuracy) - 2, 12, 4, 22, "right", "accuracy"),
    )
