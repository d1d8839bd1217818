"""Proposes what the one digit of a picture is: all its ink, the largest piece, or the one in the middle.

In a picture that is not known to hold one digit, all ink is one more candidate: a digit whose strokes do not
touch, or that noise has broken, must not be read as several.
"""

from __future__ import annotations

from tenfold.data.page.components import Mark, Marks, ink_of
from tenfold.data.page.grey import Grey
from tenfold.data.page.lattice import WIDEST, Candidate, Lattice
from tenfold.data.page.stroke import digit_image

MOST_PIECES = 8  # of a digit; noise breaks it into more
_NEAR = 0.15  # of the size of the piece in the middle; pieces of one digit are no farther from it


def whole_picture(pieces: list[Mark], marks: Marks, amount: Grey) -> Lattice | None:
    """Return all ink as one candidate; None if it is in one piece, in many, or wider than a digit."""
    if not 1 < len(pieces) <= MOST_PIECES:
        return None
    whole = Mark.of(pieces)
    if whole.box.width > WIDEST * whole.box.height:
        return None
    part = ink_of(whole, marks, amount)
    candidate = Candidate(0, 1, whole.box, part, digit_image(part), tuple(pieces))
    return Lattice((candidate,), 1, float(whole.box.height))


def one_digit(pieces: list[Mark], marks: Marks, amount: Grey) -> Lattice:
    """Return the candidates for the one digit of a picture, the likeliest of all pieces first."""
    height, width = amount.shape
    largest = max(pieces, key=lambda piece: piece.area)

    def off_middle(piece: Mark) -> float:
        box = piece.box
        across, down = box.left + box.right - width, box.top + box.bottom - height
        return float(abs(across) / width + abs(down) / height)

    middle = min(pieces, key=lambda piece: off_middle(piece) - piece.area / largest.area)
    near = [piece for piece in pieces if not _apart(piece, middle)]
    groups = [pieces, near, [largest], [middle], [largest, middle]]
    unique = dict.fromkeys(tuple(piece for piece in pieces if piece in group) for group in groups)
    found = []
    for group in unique:
        whole = Mark.of(group)
        part = ink_of(whole, marks, amount)
        found.append(Candidate(0, 1, whole.box, part, digit_image(part), group))
    return Lattice(tuple(found), 1, float(largest.box.height))


def _apart(piece: Mark, middle: Mark) -> bool:
    """Return whether a piece is too far from the digit in the middle to be a part of it."""
    across, down = piece.box.gaps(middle.box)
    return max(across, down) > _NEAR * middle.box.size
