"""Which sign a mark is, by its shape, its size and its place in the row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tenfold.data import Candidate
from tenfold.data.page.components import LOW, Box

SIGNS_COST = {".": 0.05, ",": 0.05, ":": 0.05, "-": 0.5, "/": 0.05}
"""The cost of a mark that has the shape and the place of a sign."""
_DOT = 0.3  # of the height; no dot is larger
_COMMA = 0.55  # of the height; no comma is higher
_FLAT = 1.7  # width over height; the least of a dash
_THIN = 0.3  # width over length; the most of a stroke that is a slash or a bar
_SKEW = 0.3  # tangent; one dot of a colon is so much beside the other, for the slant of the digits
_BENT = 0.12  # of its length; a stroke that bends more is a bracket
_SLANTED = 0.6  # tangent; a stroke that leans more is no likelier a slash
_TALLEST = 1.25  # of the height; a bar may be higher, but no slash is likelier for it
_SURE_SLASH, _LEANS = 2.0, 0.12  # log-odds; tangent, more than the digits: a bar leans as they do
_BRACKET = 1.0  # of the height; a fine bent stroke this long is a bracket
_FINE = 0.25  # thickness over length
_BAR = 1.25  # of the height; an upright stroke this long is a bar


@dataclass(frozen=True)
class Place:
    """Where the digits around a mark stand: the upper and the lower end, and how much they lean.

    ``sure`` says whether there are others than 1s, which may be the halves of a digit, or signs.
    """

    top: float
    bottom: float
    slant: float = 0.0
    sure: bool = True

    @property
    def height(self) -> float:
        """Of the digits, in pixels."""
        return max(self.bottom - self.top, 1.0)

    def down(self, row: float) -> float:
        """Return where a row of pixels lies: 0 at the top of the digits, 1 at their lower end."""
        return (row - self.top) / self.height


@dataclass(frozen=True)
class Stroke:
    """A thin stroke: its slant (columns for each row, upwards), and bend and thickness in its length."""

    slant: float
    bend: float
    thickness: float

    @classmethod
    def of(cls, candidate: Candidate) -> Stroke:
        """Fit a parabola to the middle of each row's ink."""
        inked = candidate.ink >= LOW
        rows = np.flatnonzero(inked.any(axis=1))
        if len(rows) < 3:
            return cls(0.0, 0.0, 1.0)
        columns = np.arange(inked.shape[1])
        count = inked[rows].sum(axis=1)
        middle = (inked[rows] @ columns) / count
        span = float(rows[-1] - rows[0] + 1)
        bend, lean, _ = np.polyfit((rows - rows.mean()) / span, middle / span, 2)
        first = inked[rows].argmax(axis=1)
        last = inked.shape[1] - 1 - inked[rows][:, ::-1].argmax(axis=1)
        return cls(-float(lean), abs(float(bend)) / 4, float((last - first + 1).mean()) / span)


def sign_of(candidate: Candidate, place: Place) -> str | None:
    """Return the sign that a candidate is: one of ``.,-/:``, ``?`` for another sign; None if it is none."""
    box, height = candidate.box, place.height
    marks = candidate.marks
    if candidate.is_part or len(marks) > 2:
        return None
    if len(marks) == 2:
        return _of_two(marks[0].box, marks[1].box, place)
    middle = place.down((box.top + box.bottom) / 2)
    filled = np.count_nonzero(candidate.ink >= LOW) / box.pixels
    if _is_dot(box, place) and middle >= 0.7:
        return "," if comma_odds(candidate, place) > 0 else "."
    if 0.1 * height <= box.height <= _COMMA * height and middle >= 0.8 and box.width <= 0.4 * height:
        return "," if place.down(box.bottom) > 1.02 else None
    flat = box.width >= _FLAT * box.height and box.height <= _DOT * height
    if flat and 0.12 <= box.width / height <= 1.1 and 0.33 <= middle <= 0.8 and filled > 0.3:
        return "-"
    return _long_sign(candidate, place)


def comma_odds(candidate: Candidate, place: Place) -> float:
    """Return the log-odds of a mark as a comma against a full stop.

    The weights are those of a logistic regression on 20,000 strokes with round ends, drawn from near the foot
    of the row: stops 0 to 0.06 of the height long in any direction, commas 0.1 to 0.3 downwards and up to 0.1
    to the left, with pens of 0.03 to 0.17; rounded.
    """
    box = candidate.box
    filled = np.count_nonzero(candidate.ink >= LOW) / box.pixels
    tall, wide = box.height / place.height, box.width / place.height
    return 21 * tall + 12 * wide + 6 * place.down(box.bottom) + 8 * math.log(tall / wide) - 13 * filled - 6


def slash_odds(candidate: Candidate, place: Place) -> float | None:
    """Return the log-odds of a mark as a slash against a 1; None if it is not a long thin stroke.

    A slash leans more than the digits do, is longer, straighter and thinner. The weights are those of a
    logistic regression on slashes of a drawn hand, and on 1s of this hand and of MNIST; rounded.
    """
    box = candidate.box
    tall = box.height / place.height
    stroke = Stroke.of(candidate)
    if tall < 0.75 or box.width > 1.2 * box.height or stroke.thickness > _THIN or stroke.bend > _BENT:
        return None
    leans = min(stroke.slant - place.slant, _SLANTED)
    return 12 * leans + 18 * min(tall, _TALLEST) - 20 * stroke.bend - 40 * stroke.thickness - 17


def _long_sign(candidate: Candidate, place: Place) -> str | None:
    """Return ``/`` for a slash, ``?`` for a bar or a bracket."""
    tall = candidate.box.height / place.height
    if tall < 0.75 or candidate.box.width > 1.2 * candidate.box.height:
        return None
    odds, stroke = slash_odds(candidate, place), Stroke.of(candidate)
    if odds is not None and odds >= _SURE_SLASH and stroke.slant - place.slant >= _LEANS:
        return "/"
    if stroke.thickness > _THIN:
        return None
    bracket = stroke.bend > _BENT and stroke.thickness < _FINE
    return "?" if place.sure and tall >= (_BRACKET if bracket else _BAR) else None


def _is_dot(box: Box, place: Place) -> bool:
    return box.size <= _DOT * place.height and box.size <= 2.5 * min(box.width, box.height) + 1


def _of_two(one: Box, other: Box, place: Place) -> str | None:
    """Return ``:`` for two dots, ``?`` for two dashes, one above the other."""
    upper, lower = sorted((one, other), key=lambda box: box.top)
    _, down = one.gaps(other)
    shift = (upper.left + upper.right - lower.left - lower.right) / 2
    leaning = place.slant * (lower.top - upper.top)
    if (
        abs(shift - leaning) > 0.5 * min(one.width, other.width) + _SKEW * (lower.top - upper.top)
        or down <= 0
    ):
        return None
    high = place.down((upper.top + upper.bottom) / 2)
    low = place.down((lower.top + lower.bottom) / 2)
    if _is_dot(one, place) and _is_dot(other, place):
        return ":" if 0 <= high < 0.65 and 0.5 < low < 1.1 else None
    return (
        "?"
        if all(box.width >= _FLAT * box.height and box.height <= _DOT * place.height for box in (one, other))
        else None
    )


def slant(candidate: Candidate) -> float:
    """Return how much a digit leans: columns for each row, upwards, by its second moments."""
    rows, columns = np.nonzero(candidate.ink >= LOW)
    away = rows - rows.mean()
    return -float((away * columns).sum() / max((away**2).sum(), 1.0))
