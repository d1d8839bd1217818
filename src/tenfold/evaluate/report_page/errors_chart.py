"""Errors digit by digit, split by the other digit: as error rates, and as shares of all errors."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.evaluate.stacks import ErrorShare, Stack
from tenfold.evaluate.wording import percent
from tenfold.pages.axes import LETTER, grid_lines, linear, multiples, places, round_step, width_of
from tenfold.pages.svg import Html, box, chart, stroke, words

_WIDTH, _HEIGHT = 400, 226
_TOP, _BOTTOM = 10, 184
_ROW, _BAR = 22, 16
_LEAST = 11  # pixels that a digit needs
MOST = 20  # rows: of many classes only those with most errors


def error_rates_chart(stacks: Sequence[Stack], verb: str, overall: float) -> Html:
    """Draw a bar for each digit: the part of its images that is wrong.

    Parameters
    ----------
    stacks : sequence of Stack
    verb : str
        What the other digit of an error is to this one: ``"read as"`` or ``"really"``.
    overall : float
        The error rate over all images: a dashed line.
    """
    highest = max(overall, *(1 - stack.right for stack in stacks if stack.images), 1e-4)
    step = round_step(highest / 5)
    top = step * -(-highest // step)
    y = linear(0.0, top, _BOTTOM, _TOP)
    marks = [(y(tick), percent(tick, places(100 * step))) for tick in multiples(step, 0.0, top)]
    left = 10 + width_of(name for _, name in marks)
    column = (_WIDTH - left) / len(stacks)
    bars = [
        part
        for place, stack in enumerate(stacks)
        for part in _stack(stack, verb, left + place * column, column, top)
    ]
    known = ", ".join(f"{stack.digit}: {percent(1 - stack.right)}" for stack in stacks if stack.images)
    return chart(
        _WIDTH,
        _HEIGHT,
        f"Error rate by digit: {known}; over all images: {percent(overall)}.",
        *grid_lines(left, _WIDTH, marks),
        stroke(left, _BOTTOM, _WIDTH, _BOTTOM, "axis"),
        *bars,
        stroke(
            left, y(overall), _WIDTH, y(overall), "overall", f"{percent(overall)} of all images are wrong"
        ),
    )


def _stack(stack: Stack, verb: str, left: float, column: float, top: float) -> list[Html]:
    y = linear(0.0, top, _BOTTOM, _TOP)
    x, width, middle = left + 0.1 * column, 0.8 * column, left + 0.5 * column
    right = f"{100 * stack.right:.1f}" if stack.images else "none"
    parts = [words(middle, _BOTTOM + 17, str(stack.digit), "t digit")]
    if column >= LETTER * len(right) - 4:
        parts.append(words(middle, _BOTTOM + 33, right, "t small soft"))
    if stack.images:
        note = f"{stack.digit}: {percent(stack.right)} right of {stack.images:,}"
        parts.append(box(x, _TOP, width, _BOTTOM - _TOP, "hover", note))
    start = 0.0
    for place, (other, part) in enumerate(stack.errors):
        low, high = y(start), y(start + part)
        start += part
        note = f"{stack.digit}: {percent(part)} {verb} {other} ({round(part * stack.images):,})"
        parts += _piece(place, str(other), note, (x, high, width, low - high))
    return parts


def error_shares_chart(shares: Sequence[ErrorShare], verb: str) -> Html:
    """Draw a bar for each digit: its share of all errors, the largest first."""
    shown = shares[:MOST]
    height = _ROW * len(shown) + 4
    ends = [f"{percent(one.share, 1)} ({one.images:,})" for one in shown]
    left = 13 + width_of(str(one.digit) for one in shown)
    x = linear(0.0, shown[0].share, left, _WIDTH - 12 - width_of(ends))
    parts = []
    for row, (one, end) in enumerate(zip(shown, ends, strict=True)):
        top = row * _ROW + 4
        parts += [
            words(left - 8, top + _BAR - 4, str(one.digit), "t digit", "end"),
            words(x(one.share) + 6, top + _BAR - 4, end, "t small soft", "start"),
        ]
        start = 0.0
        for place, (other, images) in enumerate(one.others):
            part = one.share * images / one.images
            note = f"{one.digit} {verb} {other}: {images:,}, {percent(part, 1)} of all errors"
            parts += _piece(place, str(other), note, (x(start), top, x(start + part) - x(start), _BAR))
            start += part
    known = ", ".join(f"{one.digit}: {percent(one.share, 1)}" for one in shown if one.images)
    label = f"Share of all errors by digit. {known}."
    return chart(_WIDTH, height, label, *parts, stroke(left, 0, left, height, "axis"))


def _piece(place: int, digit: str, note: str, area: tuple[float, float, float, float]) -> list[Html]:
    """One kind of error, dark and pale in turn; its digit is written into it where there is room."""
    x, y, width, height = area
    shade = "wrong" if place % 2 == 0 else "wrong pale"
    parts = [box(x, y, max(width - 0.7, 0.4), max(height - 0.7, 0.4), shade, note)]
    if width > _LEAST and height > 9:
        class_ = f"t small on-{shade.replace(' ', '-')}"
        parts.append(words(x + width / 2, y + height / 2 + 3.5, digit, class_))
    return parts
