"""Reliability diagram, and the histogram of confidence."""

from __future__ import annotations

from tenfold.evaluate.scores import Calibration
from tenfold.evaluate.wording import percent, plural
from tenfold.pages.axes import foot, grid_lines, linear, logarithmic, width_of
from tenfold.pages.svg import Html, box, chart, dot, stroke, words

_LEFT, _RIGHT = 48, 338
_WIDTH = _RIGHT + 24
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_X = linear(0, 1, _LEFT, _RIGHT)
_FOOT = [(_X(tick), percent(tick, 0)) for tick in _TICKS]


def reliability_chart(calibration: Calibration) -> Html:
    """Accuracy against confidence, a point for each bin, with its distance from the diagonal."""
    top, bottom = 10, 300
    y = linear(0, 1, bottom, top)
    parts = [
        *grid_lines(_LEFT, _RIGHT, [(y(tick), percent(tick, 0)) for tick in _TICKS]),
        *(stroke(_X(tick), top, _X(tick), bottom, "grid") for tick in _TICKS),
        *foot(_LEFT, _RIGHT, bottom, _FOOT, "confidence"),
        stroke(_X(0), y(0), _X(1), y(1), "ideal"),
        words(_LEFT + 4, top + 11, "accuracy", "t soft", "start"),
    ]
    bins = zip(calibration.confidence, calibration.accuracy, calibration.counts, strict=True)
    for confidence, accuracy, n in bins:
        if confidence is not None and accuracy is not None:
            right = f"mean confidence {percent(confidence)}, {percent(accuracy)} right"
            radius = 3.0 if n < 10 else 4.0 if n < 100 else 5.0
            at, height = _X(confidence), y(accuracy)
            parts.append(stroke(at, y(confidence), at, height, "gap"))
            parts.append(
                dot(
                    at,
                    height,
                    "dot faint" if n < 10 else "dot",
                    f"{plural(n, 'prediction')}: {right}",
                    radius,
                )
            )
    expected, maximum = percent(calibration.expected_error), percent(calibration.maximum_error)
    label = f"Reliability diagram. Expected calibration error {expected}, maximum {maximum}."
    return chart(_WIDTH, bottom + 42, label, *parts)


def confidence_chart(calibration: Calibration) -> Html:
    """How many predictions have which confidence, on a logarithmic scale."""
    top, bottom = 14, 214
    most = max(*calibration.counts, 10)
    y = logarithmic(0.5, most, bottom, top)
    marks = [(y(10**power), f"{10**power:,}") for power in range(len(str(most)))]
    parts = [*grid_lines(max(_LEFT, 10 + width_of(name for _, name in marks)), _RIGHT, marks)]
    for low, high, n in zip(calibration.edges[:-1], calibration.edges[1:], calibration.counts, strict=True):
        if n:
            note = f"{plural(n, 'prediction')} with confidence {percent(low, 0)} to {percent(high, 0)}"
            parts.append(box(_X(low) + 1, y(n), _X(high) - _X(low) - 2, bottom - y(n), "right", note))
    parts += foot(_LEFT, _RIGHT, bottom, _FOOT, "confidence")
    label = f"Histogram of confidence over {sum(calibration.counts):,} predictions."
    return chart(_WIDTH, bottom + 42, label, *parts)
