"""Which marks of a row are signs: by their place among its digits, and by what stands next to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tenfold.data import Candidate, Lattice
from tenfold.predict.costs import lies_over
from tenfold.predict.part import Judged, Part
from tenfold.predict.signs import SIGNS_COST, Place, sign_of, slant, slash_odds

OTHER_SIGN = 0.9  # a bar, a bracket or two dashes
LARGEST_SIGN = 0.5  # of the height of the digits; a higher dot or comma may be a 1
NO_DIGIT = 0.4  # of the height of the digits; no digit is lower, but commas that resemble 7s are
NEAREST = 4  # digits
FEW = 2  # digits; so few say little about how much all lean


class Places:
    """Where digits stand along a row, from those that the network is sure of."""

    def __init__(self, parts: Sequence[Part]) -> None:
        digits = [part.judged for part in parts if part.kind == "digit"]
        others = [one for one in digits if one.digit != 1]  # a 1 may be a slash or a bar
        digits, self._sure = others or digits, bool(others)
        self._digits = [one.candidate for one in digits]
        self._boxes = [one.box for one in self._digits]
        self._leaning: float | None = None

    def over(self, candidate: Candidate) -> bool:
        """Return whether a mark lies over or under a digit, or a part of one, as the bar of a 5 does."""
        mark = candidate.marks[0]
        parts = [part for one in self._digits for part in one.marks if part is not mark]
        return lies_over(mark, parts)

    def near(self, candidate: Candidate) -> Place | None:
        """Return the place of a mark from the nearest digits; None if there are none."""
        middle = candidate.box.left + candidate.box.right
        others = [box for box in self._boxes if box is not candidate.box]
        nearest = sorted(others, key=lambda box: abs(box.left + box.right - middle))[:NEAREST]
        if not nearest:
            return None
        top, bottom = (
            float(np.median([b.top for b in nearest])),
            float(np.median([b.bottom for b in nearest])),
        )
        lower = max(0.0, max(b.height for b in nearest) - (bottom - top)) / 2  # a wide digit may be low
        return Place(top - lower, bottom + lower, self._slant(), self._sure)

    def _slant(self) -> float:
        """Return how much the digits lean; a picture of one digit never asks."""
        if self._leaning is None:
            slants = [slant(one) for one in self._digits]
            self._leaning = sum(slants) / (len(slants) + FEW)
        return self._leaning

    def slash_odds(self, candidate: Candidate) -> float | None:
        """Return the log-odds of a mark as a slash; None if it is not a long thin stroke."""
        place = self.near(candidate)
        return None if place is None or candidate.is_part else slash_odds(candidate, place)


def as_sign(lattice: Lattice, one: Judged, places: Places, part: Part) -> Part | None:
    """Return a candidate as a sign; a sure digit other than a 1 is none, unless it is too small for one."""
    place = places.near(one.candidate)
    if place is None:
        return None
    high = one.candidate.box.height / place.height
    if part.kind == "digit" and one.digit != 1 and high > NO_DIGIT:
        return None
    sign = sign_of(one.candidate, place)
    inside = one.candidate.first > 0 and one.candidate.last < lattice.end
    if sign is None or (sign == "/" and not inside) or (sign == "-" and places.over(one.candidate)):
        return None
    if sign == "?":
        return Part(one, "unknown", "?", OTHER_SIGN)
    if part.kind == "digit" and sign != "/" and high > LARGEST_SIGN:
        return None
    return Part(one, "sign", sign, SIGNS_COST[sign])


def among_digits(parts: list[Part]) -> list[Part]:
    """Return the parts with signs only where they stand among digits; dots elsewhere are specks.

    More specks than dots mean that the dots are dirt, too; dots before and after all digits, that all dots
    are of a dotted line.
    """
    specks = sum(part.kind == "speck" for part in parts)
    dots = [part.text in (".", ",") for part in parts]
    digits = [i for i, part in enumerate(parts) if part.kind == "digit"]
    outside = sum(dots[: min(digits, default=0)]) + sum(dots[max(digits, default=-1) + 1 :])
    are_dirt = specks > sum(dots) or outside > 1
    written = [part for part in parts if part.kind != "speck"]
    found = []
    for part in parts:
        if part.kind == "sign":
            at = next(i for i, one in enumerate(written) if one is part)
            before = at > 0 and written[at - 1].kind != "sign"
            after = at + 1 < len(written) and written[at + 1].kind != "sign"
            if part.text in (".", ",") and (are_dirt or not (before and after)):
                part = Part(part.judged, "speck", "", part.cost)
            elif not after or (part.text in "/:" and not before):
                part = Part(part.judged, "unknown", "?", part.cost)
        found.append(part)
    return found
