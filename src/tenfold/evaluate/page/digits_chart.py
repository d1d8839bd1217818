"""Bars digit by digit, what is right at the foot and the errors above, split by the other digit."""

from __future__ import annotations

from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.svg import box, chart, linear, stroke, words
from tenfold.evaluate.stacks import Stack
from tenfold.evaluate.wording import percent

_WIDTH, _HEIGHT = 400, 226
_LEFT, _TOP, _BOTTOM = 38, 10, 184


def digits_chart(stacks: list[Stack], floor: float, verb: str, overall: float) -> Html:
    """Draw one panel.

    Parameters
    ----------
    stacks : list of Stack
        A bar each.
    floor : float
        Where the scale begins, 0 or 0.9; it ends at 1.
    verb : str
        What the other digit of an error is to this one: ``"read as"`` or ``"really"``.
    overall : float
        The accuracy over all images: a line, where the scale reaches so far.
    """
    y = linear(floor, 1.0, _BOTTOM, _TOP)
    column = (_WIDTH - _LEFT) / len(stacks)
    grid = []
    for tick in range(6):
        value = floor + (1 - floor) * tick / 5
        grid += [
            stroke(_LEFT, y(value), _WIDTH, y(value), "axis" if tick == 0 else "grid"),
            words(_LEFT - 6, y(value) + 3.5, f"{100 * value:.0f} %", "t soft", "end"),
        ]
    bars = [
        part
        for place, stack in enumerate(stacks)
        for part in _bar(stack, floor, verb, _LEFT + place * column, column)
    ]
    known = ", ".join(f"{stack.digit}: {100 * stack.right:.1f} %" for stack in stacks if stack.images)
    label = (
        f"Bars on a scale from {100 * floor:.0f} to 100 %. Right, by digit: {known}; "
        f"of all images: {percent(overall)}."
    )
    return chart(_WIDTH, _HEIGHT, label, *grid, *bars, _line(overall, floor))


def _line(overall: float, floor: float) -> Html | None:
    if overall < floor:
        return None
    y = linear(floor, 1.0, _BOTTOM, _TOP)(overall)
    note = el("title", f"{percent(overall)} of all images are right")
    return el("g", note, stroke(_LEFT, y, _WIDTH, y, "overall"))


def _bar(stack: Stack, floor: float, verb: str, left: float, column: float) -> list[Html]:
    y = linear(floor, 1.0, _BOTTOM, _TOP)
    x, width, middle = left + 0.1 * column, 0.8 * column, left + 0.5 * column
    cut_off = stack.images > 0 and stack.right < floor
    share = f"{'↓' * cut_off}{100 * stack.right:.1f}" if stack.images else "none"
    parts = [
        words(middle, _BOTTOM + 17, str(stack.digit), "t digit"),
        words(middle, _BOTTOM + 33, share, "t small" if cut_off else "t small soft"),
    ]
    if stack.right > floor:
        top = y(stack.right)
        note = f"{stack.digit}: {100 * stack.right:.2f} % right of {stack.images:,}"
        parts.append(box(x, top, width, _BOTTOM - top, "right", note))
    bottom = stack.right
    for place, (other, part) in enumerate(stack.errors):
        low, high = max(bottom, floor), min(bottom + part, 1.0)
        bottom += part
        if high > floor:
            shade = "wrong" if place % 2 == 0 else "wrong pale"
            note = f"{stack.digit}: {100 * part:.2f} % {verb} {other} ({round(part * stack.images):,})"
            parts += _piece(x, width, y(high), y(low), shade, other, note)
    return parts


def _piece(
    x: float, width: float, top: float, bottom: float, shade: str, other: int, note: str
) -> list[Html]:
    """One kind of error; its digit is written into it where it is high enough."""
    height = bottom - top
    parts = [box(x, top, width, max(height - 0.7, 0.4), shade, note)]
    if height > 9:
        class_ = f"t small on-{shade.replace(' ', '-')}"
        parts.append(words(x + width / 2, (top + bottom) / 2 + 3, str(other), class_))
    return parts
