"""A picture, and the ways to see it: its ink, its rows, and what is in no row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import Box, Marks
from tenfold.data.page.find_ink import Ink
from tenfold.data.page.grey import Grey
from tenfold.data.page.lattice import Candidate, Lattice, lattice_of
from tenfold.data.page.rows import Row

BLANK = "blank"
CLUTTER = "too many marks"
TOO_LONG = "too long and narrow"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class View:
    """One way to see a picture: its ink, and what the ink may be.

    Attributes
    ----------
    ink : Ink or None
        None if nothing differs from the paper, or in a picture of 28 x 28, which keeps its pixels.
    ruled : bool (h, w) or None
        The lines that were removed; None if there were none.
    rows : tuple of Lattice
        From top to bottom; empty if there is nothing to read.
    left : tuple of (Box, str)
        The ink that is in no row: its boxes and kinds, ``"line"`` or ``"speck"``.
    reason : str or None
        Why there is no digit: ``"blank"``, ``"too many marks"`` or ``"too long and narrow"``.
    turned : int
        Quarter turns of the picture, anticlockwise.
    whole : Lattice or None
        All its ink as one candidate, where it is in few pieces that together are no wider than a digit.
    marks : Marks or None
    amount : uint8 (h, w) or None
        The ink without lines, turned.
    """

    ink: Ink | None = None
    ruled: Mask | None = None
    rows: tuple[Lattice, ...] = ()
    left: tuple[tuple[Box, str], ...] = ()
    reason: str | None = None
    turned: int = 0
    whole: Lattice | None = None
    marks: Marks | None = field(default=None, repr=False)
    amount: Grey | None = field(default=None, repr=False)

    @property
    def lattices(self) -> tuple[Lattice, ...]:
        """All that the recogniser is to evaluate: the rows, and the whole."""
        return self.rows if self.whole is None else (*self.rows, self.whole)

    def cut(self, candidate: Candidate, height: float) -> Lattice | None:
        """Return what a candidate may be cut into, in a row of that height; None if it is narrow."""
        if self.marks is None or self.amount is None or len(candidate.marks) > 1:
            return None
        lattice = lattice_of(Row(candidate.marks, height), self.marks, self.amount, cut=True)
        return lattice if len(lattice.candidates) > 1 else None


@dataclass
class Page:
    """A picture and the ways to see it, the likeliest first; each is made when it is first asked for.

    Attributes
    ----------
    grey : uint8 (h, w)
        The picture, scaled down by ``scale`` if it is large.
    scale : int
        How many pixels of the picture make one of ``grey``, along each side.
    single : bool
        Whether the picture is known to hold one digit.
    shape : tuple of int
        Height and width of the picture at full size.
    """

    grey: Grey
    scale: int = 1
    single: bool = False
    shape: tuple[int, ...] = ()
    _views: Iterator[View] = field(default_factory=lambda: iter(()), repr=False)
    _seen: list[View] = field(default_factory=list, repr=False)

    def view(self, place: int) -> View | None:
        """Return one of the views, from 0; None if there are fewer."""
        while len(self._seen) <= place:
            following = next(self._views, None)
            if following is None:
                return None
            self._seen.append(following)
        return self._seen[place]
