"""The effect of each change: the share of errors that it removed, with both intervals."""

from __future__ import annotations

from tenfold.evaluate.ablation import AblationResult, Step
from tenfold.evaluate.comparison_page.difference_chart import sides, upright_grid, value_scale
from tenfold.metrics import Interval
from tenfold.pages.axes import Scale
from tenfold.pages.svg import Html, box, chart, dot, stroke, words

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 400, 8, 392, 46, 24


def effects_chart(result: AblationResult) -> Html | None:
    """A row for each change: the upper band is over images, the lower over seeds."""
    steps = [step for step in result.steps if step.removed is not None]
    if not steps:
        return None
    values = [0.0, *(value for step in steps for value in _values(step))]
    x, ticks, _ = value_scale([max(min(values), -200.0), min(max(values), 100.0)], _LEFT, _RIGHT)
    bottom = _TOP + _ROW * len(steps)
    marks = [(x(tick), f"{tick:+.0f} %" if tick else "0") for tick in ticks]
    parts = [*upright_grid(marks, _TOP - 4, bottom), stroke(x(0), _TOP - 8, x(0), bottom, "nought")]
    parts += sides(x(0), _TOP - 12, (_LEFT, "← more errors"), (_RIGHT, "fewer errors →"))
    for place, step in enumerate(steps):
        parts += _row(step, _TOP + _ROW * place, x)
    foot = words((_LEFT + _RIGHT) / 2, bottom + 34, "errors removed, of those before the change", "t soft")
    every = "; ".join(f"{step.name}: {100 * (step.removed or 0):+.0f} %" for step in steps)
    return chart(_WIDTH, bottom + 42, f"Errors removed by each change. {every}.", *parts, foot)


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
