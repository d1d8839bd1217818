"""Cuts marks out of a page and scales them to 28 x 28, the input of a network."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tenfold.data.page.components import Box, Mark, Marks, ink_of
from tenfold.data.page.cuts import SEVERAL, parts_of
from tenfold.data.page.grey import Grey
from tenfold.data.page.stroke import digit_image


@dataclass(frozen=True)
class Candidate:
    """A mark that may be a digit.

    Attributes
    ----------
    box : tuple of int
        Left, top, width and height in pixels of the picture.
    image : uint8 (28, 28)
        The mark in the style of MNIST.
    parts : tuple of Candidate
        The digits that it may be instead, or another image of the same mark.
    touching : bool
        Whether the parts are connected ink; else they are very close to each other.
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
        The ink of the page.
    height : float
        Height of the writing, in pixels.
    scale : int
        As in `Page`.
    """

    marks: Marks
    amount: Grey
    height: float
    scale: int

    def cut(self, among: tuple[Mark, ...]) -> tuple[Candidate, ...]:
        """Cut out one mark, or two that may be one digit; a mark too wide for one digit is always divided."""
        whole = Mark.of(among)
        amount = ink_of(whole, self.marks, self.amount)
        if len(among) > 1:
            parts = [(mark.box, ink_of(mark, self.marks, self.amount)) for mark in among]
        else:
            parts = parts_of(whole.box, amount, self.height)
        digits = tuple(self._digit(box, part) for box, part in parts)
        if whole.box.width > SEVERAL * max(whole.box.height, self.height):
            return digits
        return (replace(self._digit(whole.box, amount), parts=digits, touching=len(among) == 1),)

    def _digit(self, box: Box, amount: Grey) -> Candidate:
        return Candidate(full_size(box, self.scale), digit_image(amount))


def full_size(box: Box, scale: int) -> tuple[int, int, int, int]:
    """Return left, top, width and height in pixels of the full-size picture."""
    return box.left * scale, box.top * scale, box.width * scale, box.height * scale
