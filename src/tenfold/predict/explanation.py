"""The explanation of a row: what each of its marks is, chosen so that the whole costs least.

Each candidate of the row's lattice is a digit, a sign, a speck or unknown, at a cost; the shortest path
through the lattice takes each atom once (dynamic programming).

References
----------
C. J. C. Burges, O. Matan, Y. LeCun et al., "Shortest path segmentation: a method for training a neural
network to recognize character strings", IJCNN 1992.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Candidate, Lattice
from tenfold.data.page.components import LOW, Box, Mark
from tenfold.predict.reading import Kind
from tenfold.predict.signs import SIGNS_COST, Place, Stroke, sign_of, slant
from tenfold.predict.struck_out import is_struck_out

UNEXPLAINED = 3.0  # an unknown mark of the usual ink of a digit
LEAST_UNEXPLAINED = 1.5  # an unknown mark without ink
OTHER_SIGN = 0.9  # a bar, a bracket or two dashes
SPECK = 1.0  # a speck of the usual ink of a digit
SMALL_SPECK = 0.15  # of the height of the writing
LARGEST_SPECK = 0.35  # of the height of the writing; larger than small, it is solid
CUT = 0.6  # each cut through a mark
CROSSED = 2.0  # a cut through ink as long as the writing is high
NARROW = 6.0  # a cut mark, for each height that it is narrower than two digits
TWO_DIGITS = 1.0  # heights; the width of two digits that touch
WIDE = 3.0  # a digit, for each height that it is wider than usual
USUAL_WIDTH = 0.75  # heights; few digits are wider
LOW_COST = 10.0  # a digit, for each height of the row that it is lower than the least
LEAST_HEIGHT = 0.5  # heights; few digits are lower than others of their row
WIDE_ONE, WIDEST_ONE = 20.0, 0.85  # a 1 for each height that it is wider than the widest: it may be a plus
BENT = 8.0  # a 1 that bends, for each of its lengths: two may be the halves of a 0
STRAIGHT = 0.09  # of its length; few 1s bend more
HIGHEST_DASH = 0.33  # of the height, from the top
DASH = 1.5  # a dash joined to the digit next to it
JOINED = 0.6  # two marks as high as digits joined to one
ONE_IN_A_CUT = 0.7  # a part of a cut mark that is a 1: every stroke is one
LARGEST_SIGN = 0.5  # of the height of the digits; a higher dot or comma may be a 1
SOLID = 0.7  # of its box
PIECE = 0.03  # each piece of the digit; a full stop has less ink
LEFT_OUT = 0.3  # all ink of a picture of one digit that is not part of it
OVER = 0.3  # of its width; a dash lies beside digits
NEAREST = 4  # digits
FEW = 2  # digits; so few say little about how much all lean
TALL = 0.6  # of the height of the writing; a mark as high as a digit


@dataclass(frozen=True)
class Judged:
    """What the network said of a candidate."""

    candidate: Candidate
    probabilities: tuple[float, ...]
    doubt: float

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return int(np.argmax(self.probabilities))


@dataclass(frozen=True)
class Part:
    """A part of an explanation: a candidate and what it is; ``text`` is empty for a speck."""

    judged: Judged
    kind: Kind
    text: str
    cost: float

    @property
    def width(self) -> int:
        """In pixels."""
        return self.judged.candidate.box.width


def explain(lattice: Lattice, judged: Sequence[Judged], threshold: float) -> list[Part]:
    """Return the explanation of a row that costs least, from left to right."""
    alone = _path(lattice, [_as_digit(lattice, one, threshold) for one in judged])
    places = _Places(alone, lattice.height)
    parts = []
    for one in judged:
        part = _as_digit(lattice, one, threshold)
        sign = _as_sign(lattice, one, places, part)
        parts.append(part if sign is None else sign)
    return _path(lattice, parts)


def explain_cut(lattice: Lattice, judged: Sequence[Judged], threshold: float) -> list[Part]:
    """Return the digits that a mark is cut into, at the least cost; empty if there are none."""
    parts = _path(lattice, [_as_digit(lattice, one, threshold) for one in judged])
    return parts if len(parts) > 1 and all(part.kind == "digit" for part in parts) else []


def settled(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a row, with signs only among digits, and marks that are struck out."""
    return [_struck_out(part) for part in _among_digits(list(parts))]


def _struck_out(part: Part) -> Part:
    candidate = part.judged.candidate
    struck = part.kind == "unknown" and _is_one_piece(candidate) and is_struck_out(candidate.ink)
    return Part(part.judged, "struck out", "", part.cost) if struck else part


def _is_one_piece(candidate: Candidate) -> bool:
    return sum(len(mark.labels) for mark in candidate.marks) == 1


def likeliest(lattice: Lattice, judged: Sequence[Judged], threshold: float) -> Part:
    """Return the answer for a picture of one digit: little doubt, and little ink that is not part of it."""

    most = max(np.count_nonzero(one.candidate.ink) for one in judged)

    def cost(one: Judged) -> float:
        share = float(np.count_nonzero(one.candidate.ink)) / most
        pieces = sum(len(mark.labels) for mark in one.candidate.marks)
        return one.doubt + LEFT_OUT * (1 - min(share, 1.0)) + PIECE * pieces

    best = min(judged, key=cost)
    sure = best.doubt <= threshold
    return Part(best, "digit", str(best.digit), 0.0 if sure else UNEXPLAINED)


def _path(lattice: Lattice, parts: Sequence[Part]) -> list[Part]:
    """Return the cheapest parts that hold all ink once."""
    count = lattice.end
    least: NDArray[np.float64] = np.full(count + 1, np.inf)
    least[0] = 0.0
    best: dict[int, Part] = {}
    for part in sorted(parts, key=lambda part: part.judged.candidate.first):
        first, last = part.judged.candidate.first, part.judged.candidate.last
        if least[first] + part.cost < least[last]:
            least[last], best[last] = least[first] + part.cost, part
    found, end = [], count
    while end > 0:
        part = best[end]  # every mark is a candidate by itself
        found.append(part)
        end = part.judged.candidate.first
    return found[::-1]


def _as_digit(lattice: Lattice, one: Judged, threshold: float) -> Part:
    """Return a candidate as a digit if the network is sure, else as a speck or as unknown."""
    candidate = one.candidate
    height = lattice.height
    extra = _cost_of_cuts(one, height) + _cost_of_joining(candidate, height) + _cost_of_width(candidate)
    share = candidate.area / lattice.usual_ink
    if len(candidate.marks) == 1 and _may_be_a_speck(candidate, height):
        return Part(one, "speck", "", SPECK * share)
    unknown = LEAST_UNEXPLAINED + (UNEXPLAINED - LEAST_UNEXPLAINED) * share + extra
    if one.doubt <= threshold:
        shape = _cost_of_shape(one, height) if lattice.end > 1 else 0.0  # a mark alone has no row
        if shape < UNEXPLAINED:
            cost = extra + shape - float(np.log(max(1 - one.doubt, 1e-6)))
            return Part(one, "digit", str(one.digit), cost)
    return Part(one, "unknown", "?", unknown)


def _may_be_a_speck(candidate: Candidate, height: float) -> bool:
    size = candidate.box.size / height
    solid = float(np.mean(candidate.ink >= LOW)) > SOLID
    return size <= SMALL_SPECK or (size <= LARGEST_SPECK and solid)


def _cost_of_cuts(one: Judged, height: float) -> float:
    candidate = one.candidate
    cost = ONE_IN_A_CUT if candidate.is_part and one.digit == 1 else 0.0
    if candidate.cut is not None:
        mark = candidate.marks[0].box
        narrow = max(0.0, TWO_DIGITS - mark.width / max(mark.height, height))
        cost += CUT + CROSSED * candidate.cut + NARROW * narrow
    return cost


def _cost_of_width(candidate: Candidate) -> float:
    return WIDE * max(0.0, candidate.box.width / candidate.box.height - USUAL_WIDTH)


def _cost_of_shape(one: Judged, height: float) -> float:
    """Return the cost of a low digit, and of a 1 that bends or is wide."""
    low = max(0.0, LEAST_HEIGHT - one.candidate.box.height / height)
    if one.digit != 1:
        return LOW_COST * low
    bent = max(0.0, Stroke.of(one.candidate).bend - STRAIGHT)
    wide = max(0.0, one.candidate.box.width / one.candidate.box.height - WIDEST_ONE)
    return LOW_COST * low + BENT * bent + WIDE_ONE * wide


def _cost_of_joining(candidate: Candidate, height: float) -> float:
    tall = sum(mark.box.height >= TALL * height for mark in candidate.marks)
    if len(candidate.marks) == 1:
        return 0.0
    dashes = sum(
        _is_dash(mark.box, candidate.box, height) and not _over(mark, candidate.marks)
        for mark in candidate.marks
    )
    return JOINED * max(0, tall - 1) + DASH * dashes


def _is_dash(box: Box, whole: Box, height: float) -> bool:
    """Return whether a mark may be a minus sign: flat, and not at the top as the bar of a 5 is."""
    flat = box.width >= 1.7 * box.height and box.height <= 0.3 * height
    return flat and (box.top + box.bottom) / 2 >= whole.top + HIGHEST_DASH * whole.height


def _over(mark: Mark, marks: Sequence[Mark]) -> bool:
    """Return whether a mark lies over or under another one of them, as the bar of a 5 does."""
    return any(-mark.box.gaps(other.box)[0] > OVER * mark.box.width for other in marks if other is not mark)


class _Places:
    """Where digits stand along a row, from those that the network is sure of."""

    def __init__(self, parts: Sequence[Part], height: float) -> None:
        digits = [part.judged for part in parts if part.kind == "digit"]
        others = [one for one in digits if one.digit != 1]  # a 1 may be a slash or a bar
        digits, self._sure = others or digits, bool(others)
        self._digits = [one.candidate for one in digits]
        self._boxes = [one.box for one in self._digits]
        slants = [slant(one.candidate) for one in digits]
        self._slant = sum(slants) / (len(slants) + FEW)
        self._height = height

    def over(self, candidate: Candidate) -> bool:
        """Return whether a mark lies over or under a digit, or a part of one, as the bar of a 5 does."""
        mark = candidate.marks[0]
        parts = [part for one in self._digits for part in one.marks if part is not mark]
        return _over(mark, parts)

    def beside(self, candidate: Candidate) -> Place | None:
        """Return the place of a mark from the nearest digits; None if there are none."""
        middle = candidate.box.left + candidate.box.right
        others = [box for box in self._boxes if box is not candidate.box]
        near = sorted(others, key=lambda box: abs(box.left + box.right - middle))[:NEAREST]
        if not near:
            return None
        top, bottom = float(np.median([b.top for b in near])), float(np.median([b.bottom for b in near]))
        lower = max(0.0, max(b.height for b in near) - (bottom - top)) / 2  # a wide digit may be low
        return Place(top - lower, bottom + lower, self._slant, self._sure)


def _as_sign(lattice: Lattice, one: Judged, places: _Places, part: Part) -> Part | None:
    """Return a candidate as a sign; a sure digit other than a 1 is none."""
    if part.kind == "digit" and one.digit != 1:
        return None
    place = places.beside(one.candidate)
    if place is None:
        return None
    sign = sign_of(one.candidate, place)
    inside = one.candidate.first > 0 and one.candidate.last < lattice.end
    if sign is None or (sign == "/" and not inside) or (sign == "-" and places.over(one.candidate)):
        return None
    if sign == "?":
        return Part(one, "unknown", "?", OTHER_SIGN)
    if part.kind == "digit" and sign != "/" and one.candidate.box.height > LARGEST_SIGN * place.height:
        return None
    return Part(one, "sign", sign, SIGNS_COST[sign])


def _among_digits(parts: list[Part]) -> list[Part]:
    """Return the parts with signs only where they stand among digits; dots elsewhere are specks.

    More specks than dots mean that the dots are dirt, too.
    """
    specks = sum(part.kind == "speck" for part in parts)
    dots = sum(part.text in (".", ",") for part in parts)
    written = [part for part in parts if part.kind != "speck"]
    found = []
    for part in parts:
        if part.kind == "sign":
            at = next(i for i, one in enumerate(written) if one is part)
            before = at > 0 and written[at - 1].kind != "sign"
            after = at + 1 < len(written) and written[at + 1].kind != "sign"
            if part.text in (".", ",") and (not (before and after) or specks > dots):
                part = Part(part.judged, "speck", "", part.cost)
            elif not after or (part.text in "/:" and not before):
                part = Part(part.judged, "unknown", "?", part.cost)
        found.append(part)
    return found
