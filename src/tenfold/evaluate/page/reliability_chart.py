"""Reliability diagram and the histogram of confidence under it."""

from __future__ import annotations

from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.svg import box, chart, linear, logarithmic, stroke, words
from tenfold.evaluate.scores import Calibration
from tenfold.evaluate.wording import percent, plural

_SIDE, _LEFT, _TOP = 290, 42, 10
_RIGHT, _BOTTOM = _LEFT + _SIDE, _TOP + _SIDE
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability_chart(calibration: Calibration) -> Html:
    """Accuracy against confidence, a point a bin, with the gap to the diagonal drawn."""
    x, y = linear(0, 1, _LEFT, _RIGHT), linear(0, 1, _BOTTOM, _TOP)
    parts: list[Html] = []
    for tick in _TICKS:
        parts += [
            stroke(_LEFT, y(tick), _RIGHT, y(tick), "grid"),
            stroke(x(tick), _TOP, x(tick), _BOTTOM, "grid"),
            words(_LEFT - 6, y(tick) + 3.5, f"{100 * tick:.0f} %", "t soft", "end"),
            words(x(tick), _BOTTOM + 16, f"{100 * tick:.0f} %", "t soft"),
        ]
    parts += [
        stroke(x(0), y(0), x(1), y(1), "ideal"),
        words(x(0.5), _BOTTOM + 34, "confidence", "t soft"),
        words(_LEFT + 4, _TOP + 11, "accuracy", "t soft", "start"),
    ]
    bins = zip(calibration.confidence, calibration.accuracy, calibration.counts, strict=True)
    for confidence, accuracy, n in bins:
        if confidence is not None and accuracy is not None:
            note = (
                f"{plural(n, 'prediction')}: mean confidence {percent(confidence)}, {percent(accuracy)} right"
            )
            parts += _point(x(confidence), y(accuracy), y(confidence), n, note)
    expected, maximum = percent(calibration.expected_error), percent(calibration.maximum_error)
    label = f"Reliability diagram. Expected calibration error {expected}, maximum {maximum}."
    return chart(_RIGHT + 20, _BOTTOM + 42, label, *parts)


def _point(x: float, y: float, ideal: float, n: int, note: str) -> list[Html]:
    """A bin's point and its gap; hollow where fewer than ten predictions stand behind it."""
    few = n < 10
    radius = 3.0 if few else 4.0 if n < 100 else 5.0
    dot = el("circle", cx=x, cy=y, r=radius, class_="dot faint" if few else "dot")
    return [stroke(x, ideal, x, y, "gap"), el("g", el("title", note), dot)]


def confidence_chart(calibration: Calibration) -> Html:
    """How many predictions were made with which confidence, on a logarithmic scale."""
    top, bottom = 14, 214
    most = max(calibration.counts)
    x, y = linear(0, 1, _LEFT, _RIGHT), logarithmic(0.5, max(most, 10), bottom, top)
    parts = [
        part
        for power in range(len(str(max(most, 10))))
        for part in (
            stroke(_LEFT, y(10**power), _RIGHT, y(10**power), "grid"),
            words(_LEFT - 6, y(10**power) + 3.5, f"{10**power:,}", "t soft", "end"),
        )
    ]
    for low, high, n in zip(calibration.edges[:-1], calibration.edges[1:], calibration.counts, strict=True):
        if n:
            note = f"{plural(n, 'prediction')} with confidence {percent(low, 0)} to {percent(high, 0)}"
            parts.append(box(x(low) + 1, y(n), x(high) - x(low) - 2, bottom - y(n), "right", note))
    parts += [
        stroke(_LEFT, bottom, _RIGHT, bottom, "axis"),
        *(words(x(tick), bottom + 16, f"{100 * tick:.0f} %", "t soft") for tick in _TICKS),
        words(x(0.5), bottom + 34, "confidence", "t soft"),
    ]
    label = f"Histogram of confidence over {sum(calibration.counts):,} predictions."
    return chart(_RIGHT + 20, bottom + 42, label, *parts)
