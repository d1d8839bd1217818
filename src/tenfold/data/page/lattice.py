"""What the ink of a row may be: pieces, groups of neighbouring pieces, and pieces of wide marks that are cut.

The pieces of a row, from left to right, are its atoms. A candidate is a group of neighbouring atoms that is no
larger than a digit. An explanation of the row is a path through this lattice: candidates that together hold
each atom once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tenfold.data.page.components import LOW, Box, Mark, Marks, ink_of
from tenfold.data.page.grey import Grey
from tenfold.data.page.plain_paper import around
from tenfold.data.page.rows import Row
from tenfold.data.page.seams import seams
from tenfold.data.page.stroke import digit_image

WIDEST = 1.25  # width over height; few digits are wider
HIGHEST = 1.7  # of the height of the writing; a digit in pieces is not higher
WIDE = 1.05  # width over height; a wider mark is cut at once, a narrower one only when in doubt
DOUBTFUL = 0.55  # width over height; the narrowest mark that is cut
MOST_WIDE = 30  # heights; a wider mark is a line or a border
_GAP = 0.3  # of the height; between pieces of one digit, at most
_MOST_ATOMS = 6  # of one candidate


@dataclass(frozen=True)
class Atom:
    """A piece of ink that is not divided any more.

    ``cut`` is the ink, in heights, that the cut on its left crosses; None if it is a piece by itself.
    """

    box: Box
    ink: Grey
    mark: Mark
    cut: float | None = None

    @property
    def area(self) -> int:
        """Number of its pixels."""
        return int(np.count_nonzero(self.ink >= LOW))


@dataclass(frozen=True)
class Candidate:
    """Neighbouring atoms of a row that may be one digit or sign.

    Attributes
    ----------
    first, last : int
        Its atoms, ``last`` exclusive.
    box : Box
        In the page's pixels.
    ink : uint8 array (h, w)
    image : uint8 (28, 28)
        The input of the network.
    """

    first: int
    last: int
    box: Box
    ink: Grey
    image: Grey


@dataclass(frozen=True)
class Lattice:
    """The atoms of a row, the candidates, and the height of the writing in pixels."""

    atoms: tuple[Atom, ...]
    candidates: tuple[Candidate, ...]
    height: float


def lattice_of(row: Row, marks: Marks, amount: Grey, *, thorough: bool) -> Lattice:
    """Return the lattice of a row; if ``thorough``, marks no wider than a digit are cut too."""
    atoms: list[Atom] = []
    for piece in row.pieces:
        atoms += _atoms(piece, ink_of(piece, marks, amount), row.height, thorough)
    candidates = tuple(
        _candidate(atoms, first, last, marks, amount) for first, last in _groups(atoms, row.height)
    )
    return Lattice(tuple(atoms), candidates, row.height)


def _atoms(piece: Mark, ink: Grey, height: float, thorough: bool) -> list[Atom]:
    """Return a piece, or its parts between all possible cuts."""
    box = piece.box
    usual = max(box.height, height)
    cut = box.width > (DOUBTFUL if thorough else WIDE) * usual and box.height > 0.5 * height
    if not cut or box.width > MOST_WIDE * usual:
        return [Atom(box, ink, piece)]
    columns = np.arange(box.width)
    found, left, crossed = [], np.zeros(box.height, np.intp), None
    for right, next_crossed in [*seams(ink, usual), (np.full(box.height, box.width), 0.0)]:
        inside = (columns >= left[:, None]) & (columns < right[:, None])
        part = ink * inside
        where = around(part >= LOW)
        if part[where].size:
            own = Box.of(where).moved(box.left, box.top)
            found.append(Atom(own, part[where], piece, crossed))
            left, crossed = right, next_crossed
    return found or [Atom(box, ink, piece)]


def _groups(atoms: Sequence[Atom], height: float) -> Iterator[tuple[int, int]]:
    """Yield the groups of neighbours that may be one digit, and each atom."""
    for first in range(len(atoms)):
        box = atoms[first].box
        yield first, first + 1
        for last in range(first + 1, min(len(atoms), first + _MOST_ATOMS)):
            gap = atoms[last].box.left - box.right
            box = box.around(atoms[last].box)
            if gap > _GAP * height or box.width > WIDEST * max(box.height, height):
                break
            if box.height <= max(HIGHEST * height, atoms[first].box.height):
                yield first, last + 1


def _candidate(atoms: Sequence[Atom], first: int, last: int, marks: Marks, amount: Grey) -> Candidate:
    group = atoms[first:last]
    box = group[0].box
    for atom in group[1:]:
        box = box.around(atom.box)
    if len(group) == 1:
        ink = group[0].ink
    elif all(
        atom.cut is None and (i + 1 == len(atoms) or atoms[i + 1].cut is None)
        for i, atom in enumerate(group, first)
    ):
        ink = ink_of(Mark.of([atom.mark for atom in group]), marks, amount)
    else:
        ink = np.zeros((box.height, box.width), np.uint8)
        for atom in group:
            part = ink[atom.box.moved(-box.left, -box.top).slices]
            np.maximum(part, atom.ink, out=part)
    return Candidate(first, last, box, ink, digit_image(ink))
