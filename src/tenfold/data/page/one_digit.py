"""Proposes what the one digit of a picture is: all its ink, the largest piece, or the one in the middle."""

from __future__ import annotations

from tenfold.data.page.components import Mark, Marks, ink_of
from tenfold.data.page.grey import Grey
from tenfold.data.page.lattice import Candidate, Lattice
from tenfold.data.page.stroke import digit_image

_NEAR = 0.15  # of the size of the piece in the middle; pieces of one digit are no farther from it


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
