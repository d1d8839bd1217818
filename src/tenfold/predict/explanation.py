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

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Candidate, Lattice
from tenfold.predict.costs import UNEXPLAINED, as_digit, cost_of_doubt
from tenfold.predict.dates import with_slashes
from tenfold.predict.part import Judged, Part
from tenfold.predict.row_signs import Places, among_digits, as_sign
from tenfold.predict.struck_out import is_struck_out

PIECE = 0.03  # each piece of the digit; a full stop has less ink
MOST_IF_SURE = UNEXPLAINED - 0.5  # the only digit of a picture, if its doubt is below the threshold
LEFT_OUT = 0.3  # all ink of a picture of one digit that is not part of it


def explain(lattice: Lattice, judged: Sequence[Judged], threshold: float) -> list[Part]:
    """Return the explanation of a row that costs least, from left to right."""
    parts = [as_digit(lattice, one, threshold) for one in judged]
    if lattice.end == 1:  # a mark alone has no digits beside it that could make it a sign
        return [min(parts, key=lambda part: part.cost)]
    places = Places(_path(lattice, parts))
    signs = [as_sign(lattice, one, places, part) for one, part in zip(judged, parts, strict=True)]
    best = _path(lattice, [part if sign is None else sign for part, sign in zip(parts, signs, strict=True)])
    return with_slashes(best, places)


def explain_cut(lattice: Lattice, judged: Sequence[Judged], threshold: float) -> list[Part]:
    """Return the digits that a mark is cut into, at the least cost; empty if there are none."""
    parts = _path(lattice, [as_digit(lattice, one, threshold) for one in judged])
    return parts if len(parts) > 1 and all(part.kind == "digit" for part in parts) else []


def settled(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a row, with signs only among digits, and marks that are struck out."""
    return [_struck_out(part) for part in among_digits(list(parts))]


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
    return Part(
        best, "digit", str(best.digit), min(cost_of_doubt(best), MOST_IF_SURE) if sure else UNEXPLAINED
    )


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
