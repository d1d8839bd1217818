"""The difference of two models: over images, over seeds, and pair by pair."""

from __future__ import annotations

from math import ceil, floor, log10

from tenfold.evaluate.comparison import Pair
from tenfold.evaluate.curves import round_step
from tenfold.evaluate.page.markup import Html
from tenfold.evaluate.page.svg import Scale, box, chart, dot, linear, stroke, words
from tenfold.evaluate.wording import between, points
from tenfold.metrics import Interval

_WIDTH, _LEFT, _RIGHT = 400, 68, 392
_TOP, _ROW = 28, 30


def intervals_chart(pair: Pair) -> Html:
    """Bands of 95 % about the difference in accuracy, in points, and where no difference would be."""
    rows = [("images", pair.images.interval)]
    seeds = pair.seeds_test
    if seeds is not None and seeds.interval is not None:
        rows.append(("seeds", seeds.interval))
    values = [0.0, pair.difference, *(end for _, band in rows for end in band)]
    x, ticks, places = _scale([100 * value for value in values])
    bottom = _TOP + _ROW * len(rows)
    parts: list[Html] = []
    for tick in ticks:
        parts += [
            stroke(x(tick), _TOP - 6, x(tick), bottom, "grid"),
            words(x(tick), bottom + 16, f"{tick:+.{places}f}" if tick else "0", "t soft"),
        ]
    parts.append(stroke(x(0), _TOP - 10, x(0), bottom, "nought"))
    for place, (name, band) in enumerate(rows):
        parts += _row(_TOP + _ROW * place, name, band, pair.difference, x)
    parts += _heads(pair, x)
    said = "; ".join(f"over {name} {between(band)}" for name, band in rows)
    label = f"Accuracy of {pair.a} less that of {pair.b}: {points(pair.difference)} points; 95 % {said}."
    foot = words((_LEFT + _RIGHT) / 2, bottom + 34, "difference in accuracy, points", "t soft")
    return chart(_WIDTH, bottom + 42, label, *parts, foot)


def _row(y: float, name: str, band: Interval, difference: float, x: Scale) -> list[Html]:
    low, high = x(100 * band.low), x(100 * band.high)
    return [
        words(_LEFT - 10, y + 15, f"over {name}", "t", "end"),
        box(low, y + 5, max(high - low, 1.5), 12, "band", f"over {name}: {between(band)} points"),
        dot(x(100 * difference), y + 11, "spot found", f"difference {points(difference)} points", 4.5),
    ]


def _heads(pair: Pair, x: Scale) -> list[Html]:
    """Which way is better for whom; a side without room for the words keeps silent."""
    parts = []
    if x(0) - _LEFT > 6.2 * (len(pair.b) + 9):
        parts.append(words(x(0) - 8, _TOP - 12, f"← {pair.b} better", "t soft", "end"))
    if _RIGHT - x(0) > 6.2 * (len(pair.a) + 9):
        parts.append(words(x(0) + 8, _TOP - 12, f"{pair.a} better →", "t soft", "start"))
    return parts


def _scale(values: list[float]) -> tuple[Scale, list[float], int]:
    """A scale over the values with nought among its marks, the marks, and their decimals."""
    low, high = min(values), max(values)
    margin = max(high - low, 1e-3) * 0.08
    start, end = low - margin, high + margin
    step = round_step((end - start) / 6)
    ticks = [step * i for i in range(ceil(start / step), floor(end / step) + 1)]
    return linear(start, end, _LEFT, _RIGHT), ticks, max(0, -floor(log10(step) + 1e-9))
