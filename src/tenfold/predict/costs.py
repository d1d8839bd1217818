"""The cost of a candidate as a digit, as a speck, or as unknown.

A digit costs the negative logarithm of the network's certainty. Costs for unusual shapes come on top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tenfold.data import Candidate, Lattice
from tenfold.data.page.components import Box, Mark
from tenfold.predict.part import Judged, Part
from tenfold.predict.signs import Stroke

UNEXPLAINED = 3.0  # an unknown mark of the usual ink of a digit
LEAST_UNEXPLAINED = 1.5  # an unknown mark without ink
SPECK = 1.0  # a speck of the usual ink of a digit
SMALL_SPECK = 0.15  # of the height of the writing
LARGEST_SPECK = 0.35  # of the height of the writing; larger than small, it is solid
SOLID = 0.7  # of its box
CUT = 0.6  # each cut through a mark
CROSSED = 2.0  # a cut through ink as long as the writing is high
NARROW = 6.0  # a cut mark, for each height that it is narrower than two digits
TWO_DIGITS = 1.0  # heights; the width of two digits that touch
ONE_IN_A_CUT = 0.7  # a part of a cut mark that is a 1: every stroke is one
WIDE = 3.0  # a digit, for each height that it is wider than usual
USUAL_WIDTH = 0.75  # heights; few digits are wider
WIDTH_OF_5 = 2.0  # heights; few 5s are wider whose bar does not touch the rest
LOW_COST = 10.0  # a digit, for each height of the row that it is lower than the least
LEAST_HEIGHT = 0.5  # heights; few digits are lower than others of their row
WIDE_ONE, WIDEST_ONE = 20.0, 0.85  # a 1 for each height that it is wider than the widest: it may be a plus
BENT = 8.0  # a 1 that bends, for each of its lengths: two may be the halves of a 0
STRAIGHT = 0.09  # of its length; few 1s bend more
JOINED = 0.6  # two marks as high as digits joined to one
WHOLE, MOST_DOUBT_OF_WHOLE = 20.0, 0.1  # for the doubt of a digit that is all ink of a picture
TALL = 0.6  # of the height of the writing; a mark as high as a digit
DASH = 1.5  # a dash joined to the digit next to it
DOT, HIGH_DOT = 0.4, 0.2  # a dot joined to the digit next to it
LARGEST_DOT, LOW_DOT = 0.4, 0.7  # of the height; of the height, from the top
HIGHEST_DASH = 0.33  # of the height, from the top
OVER = 0.3  # of its width; a dash lies beside digits


def as_digit(lattice: Lattice, one: Judged, threshold: float) -> Part:
    """Return a candidate as a digit if the network is sure, else as a speck or as unknown."""
    candidate = one.candidate
    height = lattice.height
    extra = _cost_of_cuts(one, height) + _cost_of_joining(candidate, height) + _cost_of_width(one)
    share = candidate.area / lattice.usual_ink
    if len(candidate.marks) == 1 and _may_be_a_speck(candidate, height):
        return Part(one, "speck", "", SPECK * share)
    unknown = LEAST_UNEXPLAINED + (UNEXPLAINED - LEAST_UNEXPLAINED) * share + extra
    if one.doubt <= threshold:
        shape = _cost_of_shape(one, height) if lattice.end > 1 else 0.0  # a mark alone has no row
        if shape < UNEXPLAINED:
            return Part(one, "digit", str(one.digit), extra + shape + cost_of_doubt(one))
    return Part(one, "unknown", "?", unknown)


def cost_of_doubt(one: Judged) -> float:
    """Return the negative logarithm of the network's certainty."""
    return -math.log(max(1 - one.doubt, 1e-6))


def as_whole(one: Judged) -> Part | None:
    """Return all ink of a picture as one digit; None in doubt.

    Even a small doubt costs much, because it may be two digits.
    """
    if one.doubt > MOST_DOUBT_OF_WHOLE:
        return None
    cost = WHOLE * one.doubt + _cost_of_shape(one, one.candidate.box.height)
    return Part(one, "digit", str(one.digit), cost)


def _may_be_a_speck(candidate: Candidate, height: float) -> bool:
    size = candidate.box.size / height
    solid = SOLID * candidate.ink.size
    return size <= SMALL_SPECK or (size <= LARGEST_SPECK and candidate.area > solid)


def _cost_of_cuts(one: Judged, height: float) -> float:
    candidate = one.candidate
    cost = ONE_IN_A_CUT if candidate.is_part and one.digit == 1 else 0.0
    if candidate.cut is not None:
        mark = candidate.marks[0].box
        narrow = max(0.0, TWO_DIGITS - mark.width / max(mark.height, height))
        cost += CUT + CROSSED * candidate.cut + NARROW * narrow
    return cost


def _cost_of_width(one: Judged) -> float:
    candidate = one.candidate
    with_bar = one.digit == 5 and any(_is_bar(mark.box, candidate.box) for mark in candidate.marks)
    usual = WIDTH_OF_5 if with_bar else USUAL_WIDTH
    return WIDE * max(0.0, candidate.box.width / candidate.box.height - usual)


def _cost_of_shape(one: Judged, height: float) -> float:
    """Return the cost of a low digit, and of a 1 that bends or is wide."""
    low = max(0.0, LEAST_HEIGHT - one.candidate.box.height / height)
    if one.digit != 1:
        return LOW_COST * low
    bent = max(0.0, Stroke.of(one.candidate).bend - STRAIGHT)
    wide = max(0.0, one.candidate.box.width / one.candidate.box.height - WIDEST_ONE)
    return LOW_COST * low + BENT * bent + WIDE_ONE * wide


def _cost_of_joining(candidate: Candidate, height: float) -> float:
    if len(candidate.marks) == 1:
        return 0.0
    tall = sum(mark.box.height >= TALL * height for mark in candidate.marks)
    beside = [mark.box for mark in candidate.marks if not lies_over(mark, _larger(mark, candidate.marks))]
    dashes = sum(_is_dash(box, candidate.box, height) for box in beside)
    dots = sum(_cost_of_dot(box, candidate.box, height) for box in beside)
    return JOINED * max(0, tall - 1) + DASH * dashes + dots


def _larger(mark: Mark, marks: Sequence[Mark]) -> list[Mark]:
    return [other for other in marks if other.box.size > mark.box.size]


def _is_dash(box: Box, whole: Box, height: float) -> bool:
    """Return whether a mark may be a minus sign: flat, and not at the top as the bar of a 5 is."""
    return _is_flat(box) and box.height <= 0.3 * height and not _is_bar(box, whole)


def _is_bar(box: Box, whole: Box) -> bool:
    """Return whether a mark may be the bar of a 5: flat, and at the top."""
    return _is_flat(box) and (box.top + box.bottom) / 2 < whole.top + HIGHEST_DASH * whole.height


def _is_flat(box: Box) -> bool:
    return box.width >= 1.7 * box.height


def _cost_of_dot(box: Box, whole: Box, height: float) -> float:
    """Return the cost of a small mark that may be a full stop if it is low, else the upper dot of a colon."""
    if box.size > LARGEST_DOT * height:
        return 0.0
    return DOT if (box.top + box.bottom) / 2 >= whole.top + LOW_DOT * whole.height else HIGH_DOT


def lies_over(mark: Mark, marks: Sequence[Mark]) -> bool:
    """Return whether a mark overlaps another one of them from side to side, as the bar of a 5 does."""
    return any(-mark.box.gaps(other.box)[0] > OVER * mark.box.width for other in marks if other is not mark)
