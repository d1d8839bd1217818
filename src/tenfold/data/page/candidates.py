"""Marks of ink cut out and brought to 28 x 28; the picture of a page becomes what a network is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tenfold.data.page.components import Box, Mark, Marks, ink_of
from tenfold.data.page.cuts import SEVERAL, parts_of
from tenfold.data.page.grey import Grey
from tenfold.data.page.stroke import digit_image


@dataclass(frozen=True)
class Candidate:
    """A place where a digit may be.

    Attributes
    ----------
    box : tuple of int
        Left, top, width and height in pixels of the picture.
    image : uint8 (28, 28)
        It, as MNIST's digits are.
    parts : tuple of Candidate
        The digits it may be instead, or another image of the same.
    touching : bool
        Whether the parts were cut out of connected ink; else they stand very near each other.
    """

    box: tuple[int, int, int, int]
    image: Grey
    parts: tuple[Candidate, ...] = ()
    touching: bool = False


@dataclass(frozen=True)
class Cutter:
    """Cuts digits out of a page.

    Attributes
    ----------
    marks : Marks
    amount : uint8 (h, w)
        The ink that they are of.
    height : float
        Of the writing, in pixels.
    scale : int
        Pixels of the picture for one of these.
    """

    marks: Marks
    amount: Grey
    height: float
    scale: int

    def written(self, among: tuple[Mark, ...]) -> tuple[Candidate, ...]:
        """One mark, or two that may be one digit; what is too wide for one is cut without asking."""
        whole = Mark.of(among)
        amount = ink_of(whole, self.marks, self.amount)
        if len(among) > 1:
            parts = [(mark.box, ink_of(mark, self.marks, self.amount)) for mark in among]
        else:
            parts = parts_of(whole.box, amount, self.height)
        cut = tuple(self._digit(box, part) for box, part in parts)
        if whole.box.width > SEVERAL * max(whole.box.height, self.height):
            return cut
        return (replace(self._digit(whole.box, amount), parts=cut, touching=len(among) == 1),)

    def _digit(self, box: Box, amount: Grey) -> Candidate:
        return Candidate(full_size(box, self.scale), digit_image(amount))


def full_size(box: Box, scale: int) -> tuple[int, int, int, int]:
    """Left, top, width and height in pixels of the picture."""
    return box.left * scale, box.top * scale, box.width * scale, box.height * scale
