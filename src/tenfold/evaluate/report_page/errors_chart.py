"""Errors class by class, split by the other class: as error rates, and as shares of all errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.stacks import ErrorShare, Stack, worst_stacks
from tenfold.evaluate.wording import percent
from tenfold.pages.axes import (
    LETTER,
    grid_lines,
    letters,
    linear,
    multiples,
    places,
    round_step,
    width_of,
)
from tenfold.pages.svg import Html, box, chart, stroke, words

_WIDTH, _HEIGHT = 400, 226
_TOP, _BOTTOM = 10, 184
_ROW, _BAR = 22, 16
_LEAST = 11  # pixels that a class needs
_BIG = 1.3  # how much wider a bold letter of 13 px is than one of a label
_NAME = 20  # letters of a name beside a bar
_NUMBERED = 12  # columns that have room for 100.0
MOST = 20  # rows: of many classes only those with most errors


def fits_columns(classes: Classes) -> bool:
    """Whether every class has room for a column with its name below."""
    return _BIG * LETTER * classes.longest < (_WIDTH - 50) / len(classes)


def fits_numbers(classes: Classes) -> bool:
    """Whether the share that is right has room below the name of each column."""
    return fits_columns(classes) and len(classes) <= _NUMBERED


def error_rates_chart(stacks: Sequence[Stack], verb: str, overall: float, classes: Classes) -> Html:
    """Draw a bar for each class: the part of its images that is wrong; of many classes, the worst.

    Parameters
    ----------
    stacks : sequence of Stack
    verb : str
        What the other class of an error is to this one: ``"read as"`` or ``"really"``.
    overall : float
        The error rate over all images: a dashed line.
    classes : Classes
    """
    if fits_columns(classes):
        return _columns(stacks, verb, overall, classes)
    rows = [_rate_row(one, verb, classes) for one in worst_stacks(list(stacks), MOST)]
    head = f"Error rate by {classes.noun}"
    return _rows_chart(head, rows, f"; over all images: {percent(overall)}", overall)


def error_shares_chart(shares: Sequence[ErrorShare], verb: str, classes: Classes) -> Html:
    """Draw a bar for each class: its share of all errors, the largest first."""
    rows = [_share_row(one, verb, classes) for one in shares[:MOST] if one.images or len(classes) <= MOST]
    return _rows_chart(f"Share of all errors by {classes.noun}", rows)


def _columns(stacks: Sequence[Stack], verb: str, overall: float, classes: Classes) -> Html:
    highest = max(overall, *(one.wrong for one in stacks), 1e-4)
    step = round_step(highest / 5)
    top = step * -(-highest // step)
    y = linear(0.0, top, _BOTTOM, _TOP)
    marks = [(y(tick), percent(tick, places(100 * step))) for tick in multiples(step, 0.0, top)]
    left = 10 + width_of(name for _, name in marks)
    column = (_WIDTH - left) / len(stacks)
    bars = [
        part
        for place, stack in enumerate(stacks)
        for part in _column(stack, verb, left + place * column, column, top, classes)
    ]
    known = ", ".join(f"{classes[one.index]}: {percent(one.wrong)}" for one in stacks if one.images)
    return chart(
        _WIDTH,
        _HEIGHT,
        f"Error rate by {classes.noun}: {known}; over all images: {percent(overall)}.",
        *grid_lines(left, _WIDTH, marks),
        stroke(left, _BOTTOM, _WIDTH, _BOTTOM, "axis"),
        *bars,
        stroke(
            left, y(overall), _WIDTH, y(overall), "overall", f"{percent(overall)} of all images are wrong"
        ),
    )


def _column(stack: Stack, verb: str, left: float, column: float, top: float, classes: Classes) -> list[Html]:
    y, name = linear(0.0, top, _BOTTOM, _TOP), classes[stack.index]
    x, width, middle = left + 0.1 * column, 0.8 * column, left + 0.5 * column
    right = f"{100 * stack.right:.1f}" if stack.images else "none"
    parts = [words(middle, _BOTTOM + 17, name, "t digit")]
    if fits_numbers(classes):
        parts.append(words(middle, _BOTTOM + 33, right, "t small soft"))
    if stack.images:
        note = f"{name}: {percent(stack.right)} right of {stack.images:,}"
        parts.append(box(x, _TOP, width, _BOTTOM - _TOP, "hover", note))
    start = 0.0
    for place, (other, part) in enumerate(stack.errors):
        low, high = y(start), y(start + part)
        start += part
        note = _rate_note(stack, verb, other, part, classes)
        parts += _piece(place, classes[other], note, (x, high, width, low - high))
    return parts


@dataclass(frozen=True)
class _Row:
    """A bar with its name, its end in words, and its pieces: the other class, its length and a note."""

    name: str
    whole: str
    length: float
    end: str
    pieces: tuple[tuple[str, float, str], ...]


def _rate_row(one: Stack, verb: str, classes: Classes) -> _Row:
    pieces = tuple(
        (classes[other], part, _rate_note(one, verb, other, part, classes)) for other, part in one.errors
    )
    name = classes[one.index]
    end = f"{percent(one.wrong, 1)} of {one.images:,}"
    return _Row(classes.short(one.index, _NAME), f"{name}: {percent(one.wrong)}", one.wrong, end, pieces)


def _rate_note(one: Stack, verb: str, other: int, part: float, classes: Classes) -> str:
    images = round(part * one.images)
    return f"{classes[one.index]}: {percent(part)} {verb} {classes[other]} ({images:,})"


def _share_row(one: ErrorShare, verb: str, classes: Classes) -> _Row:
    name, pieces = classes[one.index], []
    for other, images in one.others:
        part = one.share * images / one.images
        note = f"{name} {verb} {classes[other]}: {images:,}, {percent(part, 1)} of all errors"
        pieces.append((classes[other], part, note))
    whole = f"{name}: {percent(one.share, 1)}" if one.images else ""
    end = f"{percent(one.share, 1)} ({one.images:,})"
    return _Row(classes.short(one.index, _NAME), whole, one.share, end, tuple(pieces))


def _rows_chart(head: str, rows: Sequence[_Row], more: str = "", overall: float | None = None) -> Html:
    """Draw rows, and a dashed line at the error rate over all images."""
    height = _ROW * len(rows) + 4
    big = max(letters(row.name) for row in rows) <= 2
    kind = "t digit" if big else "t"
    left = 13 + (_BIG if big else 1.0) * width_of(row.name for row in rows)
    longest = max(overall or 0.0, *(row.length for row in rows), 1e-4)
    x = linear(0.0, longest, left, _WIDTH - 12 - width_of(row.end for row in rows))
    parts, texts = [], []
    for place, row in enumerate(rows):
        top = place * _ROW + 4
        texts += [
            words(left - 8, top + _BAR - 4, row.name, kind, "end"),
            words(x(row.length) + 6, top + _BAR - 4, row.end, "t small soft clear", "start"),
        ]
        start = 0.0
        for number, (other, part, note) in enumerate(row.pieces):
            parts += _piece(number, other, note, (x(start), top, x(start + part) - x(start), _BAR))
            start += part
    if overall is not None:
        note = f"{percent(overall)} of all images are wrong"
        parts.append(stroke(x(overall), 0, x(overall), height, "overall", note))
    known = ", ".join(row.whole for row in rows if row.whole)
    axis = stroke(left, 0, left, height, "axis")
    separator = ":" if more else "."
    return chart(_WIDTH, height, f"{head}{separator} {known}{more}.", *parts, *texts, axis)


def _piece(place: int, name: str, note: str, area: tuple[float, float, float, float]) -> list[Html]:
    """One kind of error, dark and pale in turn; its class is written into it where there is room."""
    x, y, width, height = area
    shade = "wrong" if place % 2 == 0 else "wrong pale"
    parts = [box(x, y, max(width - 0.7, 0.4), max(height - 0.7, 0.4), shade, note)]
    if width > max(_LEAST, LETTER * letters(name) + 4) and height > 9:
        class_ = f"t small on-{shade.replace(' ', '-')}"
        parts.append(words(x + width / 2, y + height / 2 + 3.5, name, class_))
    return parts
