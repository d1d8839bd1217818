"""The connected pieces of ink in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey
from tenfold.data.page.plain_paper import around

LOW, HIGH = 90, 128  # of 255: a mark is the ink from LOW on, if some of it reaches HIGH
MOST = 500  # marks; a picture with more is no handwriting
MOST_PIECES = 5_000  # connected pieces, including specks; a texture has more, and each costs time
_OWN = 0.25  # of a digit's size; a larger mark is another digit, or a piece of one
_BETWEEN = 0.05  # of a digit's size; ink this close to its pieces belongs to it
_EVERY_WAY = np.ones((3, 3), bool)

Labels = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels; ``right`` and ``bottom`` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, slices: tuple[slice, slice]) -> Box:
        """Return the box of two slices of an array (h, w)."""
        rows, columns = slices
        return cls(columns.start, rows.start, columns.stop, rows.stop)

    @property
    def width(self) -> int:
        """Length in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Length in pixels."""
        return self.bottom - self.top

    @property
    def size(self) -> int:
        """Length of the longer side."""
        return max(self.width, self.height)

    @property
    def pixels(self) -> int:
        """Number of pixels inside."""
        return self.width * self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Slices that select the box from an array (h, w)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def moved(self, across: int, down: int) -> Box:
        """Return the box moved right and down."""
        return Box(self.left + across, self.top + down, self.right + across, self.bottom + down)

    def around(self, other: Box) -> Box:
        """Return the smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def gaps(self, other: Box) -> tuple[int, int]:
        """Return the gaps between two boxes, across and down; negative if they overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return across, down


@dataclass(frozen=True)
class Mark:
    """One or more connected pieces of ink.

    Attributes
    ----------
    box : Box
    labels : tuple of int
        Labels of its pieces, as in `Marks.labels`.
    area : int
        Number of its pixels.
    """

    box: Box
    labels: tuple[int, ...]
    area: int

    @classmethod
    def of(cls, pieces: Sequence[Mark]) -> Mark:
        """Return all pieces as one mark."""
        box = Box(
            min(piece.box.left for piece in pieces),
            min(piece.box.top for piece in pieces),
            max(piece.box.right for piece in pieces),
            max(piece.box.bottom for piece in pieces),
        )
        labels = tuple(label for piece in pieces for label in piece.labels)
        return cls(box, labels, sum(piece.area for piece in pieces))


@dataclass(frozen=True)
class Marks:
    """All marks of a picture.

    Attributes
    ----------
    labels : int32 (h, w)
        The piece of each pixel; 0 for none.
    marks : tuple of Mark
        Each is one piece.
    """

    labels: Labels
    marks: tuple[Mark, ...]

    @cached_property
    def sizes(self) -> npt.NDArray[np.intp]:
        """Size of each mark by its label; 0 for pieces that are not marks."""
        sizes = np.zeros(int(self.labels.max(initial=0)) + 1, np.intp)
        for mark in self.marks:
            sizes[mark.labels[0]] = mark.box.size
        return sizes


def find_marks(amount: Grey) -> Marks | None:
    """Find the connected pieces of ink (8-connectivity).

    Parameters
    ----------
    amount : uint8 array (h, w)
        See `Ink`.

    Returns
    -------
    Marks or None
        None if there are more than `MOST_PIECES`.
    """
    from scipy.ndimage import find_objects, label

    inked = amount >= LOW
    where = around(inked)
    labels = np.zeros(amount.shape, np.int32)
    count = label(inked[where], _EVERY_WAY, output=labels[where])
    if count == 0:
        return Marks(labels, ())
    if count > MOST_PIECES:
        return None
    if count == 1:
        alone = Mark(Box.of(where), (1,), int(np.count_nonzero(inked[where])))
        return Marks(labels, (alone,) if amount[where].max() >= HIGH else ())
    strong = np.bincount(labels[where][amount[where] >= HIGH], minlength=count + 1) > 0
    areas = np.bincount(labels[where].ravel(), minlength=count + 1)
    found = []
    rows, columns = where
    for i, inside in enumerate(find_objects(labels[where]), start=1):
        if strong[i]:
            box = Box.of(inside).moved(columns.start, rows.start)
            found.append(Mark(box, (i,), int(areas[i])))
    return Marks(labels, tuple(found))


def ink_of(mark: Mark, marks: Marks, amount: Grey) -> Grey:
    """Return the ink of a mark, with the soft edges of its strokes and without its neighbours.

    Ink between the pieces of one digit belongs to it, even if too faint or too small for a mark.

    Returns
    -------
    uint8 array (h, w)
        The ink in the mark's box.
    """
    ink = amount[mark.box.slices]
    if len(marks.marks) == 1:
        return ink
    labels = marks.labels[mark.box.slices]
    if len(mark.labels) == 1:
        cut: Grey = ink * _grown_by_one(labels == mark.labels[0])
        return cut
    from scipy.ndimage import maximum_filter

    own = np.zeros(len(marks.sizes), bool)
    own[list(mark.labels)] = True
    mine = own[labels]
    others = (marks.sizes >= _OWN * mark.box.size)[labels]
    reach = 1 + round(_BETWEEN * mark.box.size)
    near = maximum_filter(mine, 2 * reach + 1) & (mine | ~others)
    cut = ink * (near | _grown_by_one(mine))
    return cut


def _grown_by_one(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the mask grown by one pixel in all eight directions."""
    wide = mask.copy()
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    grown = wide.copy()
    grown[1:] |= wide[:-1]
    grown[:-1] |= wide[1:]
    return grown
