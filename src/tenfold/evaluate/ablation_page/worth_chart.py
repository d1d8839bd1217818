"""What each change was worth: the share of errors that it removed, with both intervals."""

from __future__ import annotations

from math import ceil, floor

from tenfold.evaluate.ablation import AblationResult, Step
from tenfold.evaluate.curves import round_step
from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.svg import Scale, box, chart, dot, linear, stroke, words
from tenfold.metrics import Interval

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 400, 8, 392, 46, 24


def worth_chart(result: AblationResult) -> Html:
    """A row for each change: over images the upper band, over seeds the lower."""
    steps = [step for step in result.steps if step.removed is not None]
    if not steps:
        return el("p", "Before the changes there were no errors to remove.", class_="note")
    values = [0.0, *(value for step in steps for value in _values(step))]
    low, high = max(min(values), -200.0), min(max(values), 100.0)
    margin = max(high - low, 1.0) * 0.06
    x, ticks = _scale(low - margin, high + margin)
    bottom = _TOP + _ROW * len(steps)
    parts: list[Html] = []
    for tick in ticks:
        name = f"{tick:+.0f} %" if tick else "0"
        parts += [stroke(x(tick), _TOP - 4, x(tick), bottom), words(x(tick), bottom + 16, name, "t soft")]
    parts.append(stroke(x(0), _TOP - 8, x(0), bottom, "nought"))
    if x(0) - _LEFT > 70:
        parts.append(words(x(0) - 8, _TOP - 12, "← more errors", "t soft", "end"))
    if _RIGHT - x(0) > 70:
        parts.append(words(x(0) + 8, _TOP - 12, "fewer errors →", "t soft", "start"))
    for place, step in enumerate(steps):
        parts += _row(step, _TOP + _ROW * place, x)
    foot = words((_LEFT + _RIGHT) / 2, bottom + 34, "errors removed, of those before the change", "t soft")
    said = "; ".join(f"{step.name}: {100 * (step.removed or 0):+.0f} %" for step in steps)
    return chart(_WIDTH, bottom + 42, f"Errors removed by each change. {said}.", *parts, foot)


def _values(step: Step) -> list[float]:
    found = [100 * (step.removed or 0.0)]
    for _, band in _bands(step):
        found += [band.low, band.high]
    return found


def _bands(step: Step) -> list[tuple[str, Interval]]:
    """The intervals over images and over seeds, in per cent of the errors before."""
    pair = step.pair
    if pair is None:
        return []
    seeds = None if pair.seeds_test is None else pair.seeds_test.interval
    before = (1 - pair.accuracy_b) / 100
    every = [("images", pair.images.interval), ("seeds", seeds)]
    return [(name, Interval(i.low / before, i.high / before)) for name, i in every if i is not None]


def _row(step: Step, y: float, x: Scale) -> list[Html]:
    kind = {"better": "right", "worse": "wrong"}.get(step.finding, "open")
    parts = [words(_LEFT, y + 13, step.name, "t label", "start")]
    for name, band in _bands(step):
        low, high = (min(max(x(end), _LEFT), _RIGHT) for end in band)
        title = f"over {name}: {band.low:+.1f} to {band.high:+.1f} % of the errors before"
        top = y + (19 if name == "images" else 29)
        parts.append(box(low, top, max(high - low, 1.5), 8, f"reach {kind}", title))
    removed = 100 * (step.removed or 0.0)
    at = min(max(x(removed), _LEFT), _RIGHT)
    return [*parts, dot(at, y + 28, f"spot {kind}", f"{step.name}: {removed:+.1f} % removed", 5)]


def _scale(low: float, high: float) -> tuple[Scale, list[float]]:
    step = round_step((high - low) / 6)
    ticks = [step * i for i in range(ceil(low / step), floor(high / step) + 1)]
    return linear(low, high, _LEFT, _RIGHT), ticks
