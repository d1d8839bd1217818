"""What the ink of a row may be: marks, groups of neighbouring marks, and parts of wide marks.

The nodes of the lattice are places between the marks of a row, and cuts through wide marks. A candidate is
the ink between two nodes, if it is no larger than a digit. An explanation of the row is a path through the
lattice: candidates that together hold all ink once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import LOW, Box, Mark, Marks, ink_of
from tenfold.data.page.grey import Grey
from tenfold.data.page.plain_paper import around
from tenfold.data.page.rows import Row
from tenfold.data.page.seams import Seam, seams
from tenfold.data.page.stroke import digit_image

WIDEST = 1.25  # width over height; few digits are wider
HIGHEST = 1.7  # of the height of the writing; a digit in pieces is not higher
CUT_FROM = 0.4  # width over height; the narrowest mark that is cut
MOST_WIDE = 20  # heights; a wider mark is a line or a border
_TALL = 0.5  # of the height; a lower mark is not cut
_THREE = 1.4  # width over height; a narrower mark is no three digits
_GAP = 0.3  # of the height; between pieces of one digit, at most
_MOST_MARKS = 6  # of one candidate


@dataclass(frozen=True, eq=False)
class Node:
    """A place between two marks, or a cut through one.

    ``mark`` is the number of the mark to the right of the place, or of the one that is cut.
    """

    mark: int
    seam: Seam | None = None


@dataclass(frozen=True, eq=False)
class Candidate:
    """Ink between two nodes of a row, which may be one digit or sign.

    Attributes
    ----------
    first, last : int
        The nodes.
    box : Box
        In the page's pixels.
    ink : uint8 array (h, w)
    image : uint8 (28, 28)
        The input of the network.
    marks : tuple of Mark
        The marks that it has ink of.
    cut : float or None
        The ink, in heights, that the cut on its left crosses; None without one.
    is_part : bool
        Whether there is a cut on its left or right.
    """

    first: int
    last: int
    box: Box
    ink: Grey
    image: Grey
    marks: tuple[Mark, ...]
    cut: float | None = None
    is_part: bool = False

    @cached_property
    def area(self) -> int:
        """Number of its pixels."""
        return int(np.count_nonzero(self.ink >= LOW))


@dataclass(frozen=True)
class Lattice:
    """The candidates of a row, the last of its nodes, and the height of the writing in pixels."""

    candidates: tuple[Candidate, ...]
    end: int
    height: float

    @cached_property
    def usual_ink(self) -> float:
        """The ink of the largest mark, or less: what a digit of this height has, in pixels."""
        largest = max((one.area for one in self.candidates if not one.is_part), default=0)
        return max(1.0, min(float(largest), 0.5 * self.height**2))


def lattice_of(row: Row, marks: Marks, amount: Grey, *, cut: bool = False, most: float = math.inf) -> Lattice:
    """Return the lattice of a row, with cuts through its marks if asked for.

    If the boxes of all candidates have more than ``most`` pixels, no more are added: the end is not reached.
    """
    builder = _Builder(row, marks, amount, cut)
    found: list[Candidate] = []
    for one in builder.candidates():
        found.append(one)
        most -= one.box.pixels
        if most < 0:
            break
    return Lattice(tuple(found), len(builder.nodes) - 1, row.height)


class _Builder:
    """Makes the nodes and the candidates of one row."""

    def __init__(self, row: Row, marks: Marks, amount: Grey, cut: bool) -> None:
        self._pieces, self._height, self._marks, self._amount = row.pieces, row.height, marks, amount
        self._inks = [ink_of(piece, marks, amount) for piece in row.pieces]
        self.nodes: list[Node] = []
        for i, piece in enumerate(row.pieces):
            self.nodes.append(Node(i))
            if cut:
                self.nodes += [Node(i, seam) for seam in self._cuts(piece, self._inks[i])]
        self.nodes.append(Node(len(row.pieces)))

    def _cuts(self, piece: Mark, ink: Grey) -> Iterator[Seam]:
        box, usual = piece.box, max(piece.box.height, self._height)
        wide = box.width > CUT_FROM * usual
        if not wide or box.height < _TALL * self._height or box.width > MOST_WIDE * usual:
            return
        yield from seams(ink, usual)

    def candidates(self) -> Iterator[Candidate]:
        """Yield what lies between two nodes and may be one digit, and each mark as a whole."""
        for first, start in enumerate(self.nodes[:-1]):
            for last in range(first + 1, len(self.nodes)):
                end = self.nodes[last]
                span = end.mark - start.mark + (end.seam is not None)
                if span > _MOST_MARKS or not self._are_near(start.mark, end):
                    break
                if span == 1 and end.seam is None and start.seam is None:  # a whole mark
                    yield self._whole(first, last)
                elif (found := self._between(first, last)) is not None:
                    yield found

    def _are_near(self, first: int, end: Node) -> bool:
        """Return whether neighbours from the first mark to the last are close, and no larger than a digit."""
        last = end.mark if end.seam is not None else end.mark - 1
        box = self._pieces[first].box
        for piece in self._pieces[first + 1 : last + 1]:
            if piece.box.left - box.right > _GAP * self._height:
                return False
            box = box.around(piece.box)
        return True

    def _whole(self, first: int, last: int) -> Candidate:
        i = self.nodes[first].mark
        piece, ink = self._pieces[i], self._inks[i]
        return Candidate(first, last, piece.box, ink, digit_image(ink), (piece,))

    def _between(self, first: int, last: int) -> Candidate | None:
        """Return the ink between two nodes; None if it is larger than a digit or the cuts cross."""
        start, end = self.nodes[first], self.nodes[last]
        stop = end.mark + (end.seam is not None)
        pieces = self._pieces[start.mark : stop]
        cut = start.seam is not None or end.seam is not None
        if (
            start.mark == end.mark
            and start.seam
            and end.seam
            and not self._three(start.seam, end.seam, pieces[0])
        ):
            return None
        parts: list[tuple[Box, Grey]] = []
        for i, piece in enumerate(pieces, start.mark):
            left = start.seam if i == start.mark else None
            right = end.seam if i == end.mark else None
            parts.append(_part(piece.box, self._inks[i], left, right))
        if not all(part.size for _, part in parts):
            return None
        box = parts[0][0]
        for other, _ in parts[1:]:
            box = box.around(other)
        if box.width > WIDEST * max(box.height, self._height) or box.height > max(
            HIGHEST * self._height, *(piece.box.height for piece in pieces)
        ):
            return None
        ink = _together(box, parts) if cut else ink_of(Mark.of(pieces), self._marks, self._amount)
        crossed = None if start.seam is None else start.seam.crossed
        return Candidate(first, last, box, ink, digit_image(ink), tuple(pieces), crossed, cut)

    def _three(self, left: Seam, right: Seam, piece: Mark) -> bool:
        """Return whether there may be a digit between two cuts of one mark."""
        usual = max(piece.box.height, self._height)
        apart = right.columns - left.columns
        return bool(piece.box.width > _THREE * usual and (apart >= 0).all() and apart.mean() > 0.15 * usual)


def _part(box: Box, ink: Grey, left: Seam | None, right: Seam | None) -> tuple[Box, Grey]:
    """Return the ink of a mark between two cuts, and its box."""
    if left is None and right is None:
        return box, ink
    columns = np.arange(box.width)
    inside: npt.NDArray[np.bool_] = np.ones(ink.shape, bool)
    if left is not None:
        inside &= columns >= left.columns[:, None]
    if right is not None:
        inside &= columns < right.columns[:, None]
    part: Grey = ink * inside
    where = around(part >= LOW)
    return Box.of(where).moved(box.left, box.top), part[where]


def _together(box: Box, parts: Sequence[tuple[Box, Grey]]) -> Grey:
    ink = np.zeros((box.height, box.width), np.uint8)
    for own, part in parts:
        there = ink[own.moved(-box.left, -box.top).slices]
        np.maximum(there, part, out=there)
    return ink
