"""The difference in accuracy of two models, with its 95 % intervals over images and over seeds."""

from __future__ import annotations

from tenfold.evaluate.comparison import Pair
from tenfold.evaluate.wording import points, points_range
from tenfold.metrics import Interval
from tenfold.pages.axes import LETTER, Marks, Scale, apart, linear, multiples, places, round_step
from tenfold.pages.svg import Html, box, chart, dot, stroke, words

_WIDTH, _LEFT, _RIGHT = 400, 84, 388
_TOP, _ROW = 28, 30


def difference_chart(pair: Pair) -> Html:
    """Bands of 95 % about the difference, in points, and a line at no difference."""
    rows = [("images", pair.images.interval)]
    seeds = pair.seeds_test
    if seeds is not None and seeds.interval is not None:
        rows.append(("seeds", seeds.interval))
    values = [0.0, pair.difference, *(end for _, band in rows for end in band)]
    x, ticks, decimals = value_scale([100 * value for value in values], _LEFT, _RIGHT)
    bottom = _TOP + _ROW * len(rows)
    marks = [(x(tick), f"{tick:+.{decimals}f}" if tick else "0") for tick in ticks]
    parts = [*upright_grid(marks, _TOP - 6, bottom), stroke(x(0), _TOP - 10, x(0), bottom, "nought")]
    for place, (name, band) in enumerate(rows):
        parts += _row(_TOP + _ROW * place, name, band, pair.difference, x)
    parts += sides(x(0), _TOP - 12, (_LEFT, f"← {pair.b} better"), (_RIGHT, f"{pair.a} better →"))
    intervals = "; ".join(f"over {name} {points_range(band)}" for name, band in rows)
    label = f"Accuracy of {pair.a} less that of {pair.b}: {points(pair.difference)} points; 95 % {intervals}."
    foot = words((_LEFT + _RIGHT) / 2, bottom + 34, "difference in accuracy, points", "t soft")
    return chart(_WIDTH, bottom + 42, label, *parts, foot)


def value_scale(values: list[float], left: float, right: float) -> tuple[Scale, list[float], int]:
    """A scale over the values, its ticks, and their decimals."""
    low, high = min(values), max(values)
    margin = max(high - low, 1e-3) * 0.08
    start, end = low - margin, high + margin
    step = round_step((end - start) / 6)
    return linear(start, end, left, right), multiples(step, start, end), places(step)


def upright_grid(marks: Marks, top: float, bottom: float) -> list[Html]:
    """A vertical line at each tick, and the labels that have room below."""
    names = [words(x, bottom + 16, name, "t soft") for x, name in apart(marks)]
    return [*(stroke(x, top, x, bottom, "grid") for x, _ in marks), *names]


def sides(middle: float, y: float, left: tuple[float, str], right: tuple[float, str]) -> list[Html]:
    """What each side of a line means; a side without room for the words has none."""
    parts = []
    if middle - left[0] > LETTER * len(left[1]) + 8:
        parts.append(words(middle - 8, y, left[1], "t soft", "end"))
    if right[0] - middle > LETTER * len(right[1]) + 8:
        parts.append(words(middle + 8, y, right[1], "t soft", "start"))
    return parts


def _row(y: float, name: str, band: Interval, difference: float, x: Scale) -> list[Html]:
    low, high = x(100 * band.low), x(100 * band.high)
    return [
        words(_LEFT - 10, y + 15, f"over {name}", "t", "end"),
        box(low, y + 5, max(high - low, 1.5), 12, "band", f"over {name}: {points_range(band)} points"),
        dot(x(100 * difference), y + 11, "spot found", f"difference {points(difference)} points", 4.5),
    ]
