"""Accuracy trial by trial, and against each option that was searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenfold.evaluate.comparison_page.error_axis import ErrorAxis, error_axis
from tenfold.evaluate.wording import percent
from tenfold.pages.axes import Marks, Scale, foot, grid_lines, linear, logarithmic, width_of
from tenfold.pages.svg import Html, chart, dot, el

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 400, 250, 12, 200
_MANY = 20  # a range with this ratio is drawn on a logarithmic scale
_KINDS = {"complete": "right", "stopped early": "open", "diverged": "wrong"}

Trials = Sequence[Mapping[str, Any]]


def progress_chart(trials: Trials) -> Html | str:
    """A dot for each trial in its order, and a line for the best so far."""
    shown = [one for one in trials if one["accuracy"] is not None]
    if not shown:
        return _NOTHING
    axis, left, right = _axis(shown)
    last = max(one["number"] for one in trials)
    x = linear(0, max(last, 1), left + 10, right - 10)
    numbers = sorted({0, last, *range(4, last, max(5, last // 5 // 5 * 5))})
    marks = [(x(number), str(number + 1)) for number in numbers]
    best = 0.0
    points: list[str] = []
    for one in shown:
        if one["state"] == "complete":
            if points:  # a step: the best stays until a better one comes
                points.append(f"{x(one['number']):.2f},{axis.place(1 - best):.2f}")
            best = max(best, one["accuracy"])
            points.append(f"{x(one['number']):.2f},{axis.place(1 - best):.2f}")
    line = el("polyline", points=" ".join(points), class_="best", fill="none")
    dots = [_dot(x(one["number"]), one, axis) for one in shown]
    label = f"Held-out accuracy of {len(shown)} trials; the best of them {percent(best)}."
    return _drawn(label, axis, left, right, marks, "trial", [line, *dots])


def option_chart(name: str, trials: Trials) -> Html | str:
    """A dot for each trial: the value of an option, and the accuracy."""
    shown = [one for one in trials if one["accuracy"] is not None and name in one["values"]]
    if not shown:
        return _NOTHING
    axis, left, right = _axis(shown)
    x, marks = _value_axis([one["values"][name] for one in shown], left + 12, right - 12)
    dots = [_dot(x(one["values"][name]), one, axis) for one in shown]
    return _drawn(f"Held-out accuracy against {name}.", axis, left, right, marks, name, dots)


_NOTHING = "No trial has an accuracy."


def _axis(shown: Trials) -> tuple[ErrorAxis, float, float]:
    axis = error_axis([1 - one["accuracy"] for one in shown], _BOTTOM, _TOP)
    return axis, 10 + width_of(name for _, name in axis.marks), _WIDTH - 8


def _value_axis(values: Sequence[Any], left: float, right: float) -> tuple[Any, Marks]:
    """Return the place of a value, and ticks: numbers on a scale, other values side by side."""
    kinds = sorted(set(values), key=lambda value: (isinstance(value, str), value))
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in kinds)
    if not numbers or len(kinds) <= 6:
        step = (right - left) / max(len(kinds) - 1, 1)
        places = {value: left + step * i for i, value in enumerate(kinds)}
        return places.__getitem__, [(place, f"{value}"[:9]) for value, place in places.items()]
    low, high = float(kinds[0]), float(kinds[-1])
    log = low > 0 and high / low >= _MANY
    x: Scale = (logarithmic if log else linear)(low, high, left, right)
    ticks = [low * (high / low) ** (i / 3) if log else low + (high - low) * i / 3 for i in range(4)]
    return x, [(x(tick), f"{tick:.2g}") for tick in ticks]


def _dot(x: float, one: Mapping[str, Any], axis: ErrorAxis) -> Html:
    values = ", ".join(f"{name} {value}" for name, value in one["values"].items())
    title = f"trial {one['number'] + 1}, {one['state']}: {percent(one['accuracy'])}; {values}"
    return dot(x, axis.place(1 - one["accuracy"]), f"spot {_KINDS[one['state']]}", title)


def _drawn(
    label: str, axis: ErrorAxis, left: float, right: float, marks: Marks, name: str, parts: Sequence[Html]
) -> Html:
    ground = [*grid_lines(left, right, axis.marks), *foot(left, right, _BOTTOM, marks, name)]
    return chart(_WIDTH, _HEIGHT, label, *ground, *parts)
