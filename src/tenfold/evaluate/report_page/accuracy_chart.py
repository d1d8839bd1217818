"""The accuracy on a scale: the run as a point with its 95 % interval, known accuracies as ticks below."""

from __future__ import annotations

from math import ceil, floor

from tenfold.evaluate.report_page.known_figures import KnownFigures
from tenfold.evaluate.scores import Share
from tenfold.evaluate.wording import percent
from tenfold.pages.axes import Scale, apart, linear, multiples, places, round_step
from tenfold.pages.svg import Html, box, chart, stroke, words

_WIDTH, _RIGHT, _ROW = 380, 356, 20
_AXIS = 33


def accuracy_chart(share: Share, known: KnownFigures | None = None) -> Html:
    """Draw the accuracy; the scale reaches to all known accuracies."""
    known = known or KnownFigures()
    rows = _known_rows(known)
    x, ticks, decimals = _scale(share, known, 78 if rows else 24)
    parts = [
        stroke(x(ticks[0]), _AXIS, x(ticks[-1]), _AXIS, "axis"),
        box(
            x(share.interval.low),
            21,
            x(share.interval.high) - x(share.interval.low),
            10,
            "band",
            "95 % interval",
        ),
        *(stroke(x(tick), 30, x(tick), 36, "axis") for tick in ticks),
        *(words(at, 52, name, "t soft") for at, name in apart([(x(t), percent(t, decimals)) for t in ticks])),
    ]
    for row, (name, accuracies) in enumerate(rows):
        parts += _known_row(72 + _ROW * row, name, accuracies, x)
    label = (
        f"Accuracy {percent(share.accuracy)}, 95 % interval {percent(share.interval.low)} to "
        f"{percent(share.interval.high)}. {'. '.join(known.notes)}"
    )
    height = 66 + _ROW * len(rows)
    return chart(_WIDTH, height, label, *parts, box(x(share.accuracy) - 2, 12, 4, 22, "right", "this run"))


def _known_rows(known: KnownFigures) -> list[tuple[str, tuple[float, ...]]]:
    one = known.published
    published = () if one is None else one.accuracies or tuple(sorted({one.low, one.accuracy, one.high}))
    return [(name, runs) for name, runs in (("published", published), ("our runs", known.runs)) if runs]


def _known_row(y: float, name: str, accuracies: tuple[float, ...], x: Scale) -> list[Html]:
    """A grey line from the lowest to the highest accuracy, with a tick for each."""
    low, high = x(min(accuracies)), x(max(accuracies))
    ticks = [stroke(x(a), y - 5, x(a), y + 5, "known", f"{name}: {percent(a)}") for a in accuracies]
    return [words(0, y + 4, name, "t soft", "start"), stroke(low, y, high, y, "known thin"), *ticks]


def _scale(share: Share, known: KnownFigures, left: float) -> tuple[Scale, list[float], int]:
    """A scale a few times as wide as the interval, its ticks, and their decimals in per cent."""
    every = [share.interval.low, share.interval.high]
    every += [accuracy for _, accuracies in _known_rows(known) for accuracy in accuracies]
    low, high = min(every), max(every)
    step = round_step((high - low) * (0.45 if len(every) > 2 else 0.9))
    start = max(step * floor((low - step / 4) / step), 0.0)
    end = min(step * ceil((high + step / 4) / step), 1.0)
    return linear(start, end, left, _RIGHT), multiples(step, start, end), places(100 * step)
