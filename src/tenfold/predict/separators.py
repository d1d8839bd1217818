"""Full stops and commas of a picture: those of one use are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from tenfold.predict.part import Part
from tenfold.predict.row_signs import Places
from tenfold.predict.signs import comma_odds

SURE = 6.0  # log-odds; such a mark is what it is, whatever the others are
THOUSANDS = 3  # digits after a sign between thousands


def alike(rows: Sequence[Sequence[Part]]) -> list[list[Part]]:
    """Return the rows of a picture, with signs of one use alike: stops or commas, whichever is likelier.

    Signs with three digits after them are of one use (thousands), all others of another one. Marks that are
    sure stay as they are.
    """
    found = [list(row) for row in rows]
    uses: dict[bool, list[tuple[int, int, float]]] = defaultdict(list)
    for i, row in enumerate(found):
        places = Places(row)
        for at, part in enumerate(row):
            if part.text in (".", ",") and (place := places.near(part.judged.candidate)) is not None:
                odds = comma_odds(part.judged.candidate, place)
                uses[_digits_after(row, at) == THOUSANDS].append((i, at, odds))
    for signs in uses.values():
        together = sum(max(-SURE, min(odds, SURE)) for _, _, odds in signs)
        for i, at, odds in signs:
            likelier = odds if abs(odds) > SURE else together
            found[i][at] = replace(found[i][at], text="," if likelier > 0 else ".")
    return found


def _digits_after(row: Sequence[Part], at: int) -> int:
    written = (part for part in row[at + 1 :] if part.text)  # neither specks nor what is struck out
    return sum(1 for _ in takewhile(lambda part: part.kind != "sign", written))
