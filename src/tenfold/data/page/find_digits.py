"""Finds the digits in a picture: images of 28 x 28, in reading order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tenfold.data.idx import SIDE
from tenfold.data.page.candidates import Candidate, Cutter, full_size
from tenfold.data.page.components import MOST, Mark, Marks, find_marks, ink_of
from tenfold.data.page.edges import without_page_edges
from tenfold.data.page.find_ink import Ink, find_ink
from tenfold.data.page.fragments import join_fragments
from tenfold.data.page.grey import Grey
from tenfold.data.page.page_layout import (
    LEAST,
    join_pieces,
    order_in_lines,
    pair_halves,
    without_dashes,
    without_specks,
    written_height,
)
from tenfold.data.page.ruled_lines import find_ruled_lines
from tenfold.data.page.small_picture import small_digit
from tenfold.data.page.stroke import digit_image, stroke_width

WORKING = 3_100_000  # pixels; a larger picture is scaled down first
MOST_COVERED = 2  # times the picture's area; only nested strokes, not writing, have boxes that cover more
LONGEST = 500  # times the shorter side; a line of the largest number of digits is shorter
BLANK = "blank"
CLUTTER = "too many marks"
TOO_LONG = "too long and narrow"


@dataclass(frozen=True)
class Page:
    """The digits of a picture, and the result of each step.

    Attributes
    ----------
    grey : uint8 (h, w)
        The picture, scaled down by ``scale`` if it is large.
    scale : int
        How many pixels of the picture make one of ``grey``, along each side.
    ink : Ink or None
        None if nothing differs from the paper.
    ruled : bool (h, w) or None
        The ruled lines that were removed; None if there were none.
    lines : tuple of tuple of Candidate
        Lines from top to bottom, each from left to right.
    reason : str or None
        Why there is no digit: ``"blank"``, ``"too many marks"`` or ``"too long and narrow"``.
    single : bool
        Whether the picture is known to hold one digit.
    """

    grey: Grey
    scale: int = 1
    ink: Ink | None = None
    ruled: npt.NDArray[np.bool_] | None = None
    lines: tuple[tuple[Candidate, ...], ...] = ()
    reason: str | None = None
    single: bool = False


def find_digits(grey: Grey, *, single: bool = False) -> Page:
    """Find the digits of a picture.

    A picture of 28 x 28 is taken as one digit and keeps its pixels, see `small_digit`. In any other
    picture, ink is separated from paper, ruled lines are removed, connected ink is joined to digits, and
    these are ordered and scaled to 28 x 28.

    Parameters
    ----------
    grey : uint8 array (h, w)
        For instance from `read_picture`.
    single : bool
        The picture holds one digit.

    Returns
    -------
    Page

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import find_digits
    >>> page = np.full((100, 200), 255, np.uint8)
    >>> page[20:80, 30:38] = page[20:80, 120:128] = 0
    >>> [digit.box for digit in find_digits(page).lines[0]]
    [(30, 20, 8, 60), (120, 20, 8, 60)]
    """
    if single:
        return _alone(grey)
    if grey.shape == (SIDE, SIDE):
        return _small(grey)
    if min(grey.shape) < LEAST:  # too small for a digit
        return Page(grey, reason=BLANK)
    page = _ink(grey)
    return page if page.ink is None or page.reason else _read_marks(page, page.ink)


def single_digit(grey: Grey) -> Grey | None:
    """Scale a picture of one digit to 28 x 28, even if the digit is in pieces.

    Parameters
    ----------
    grey : uint8 array (h, w)

    Returns
    -------
    uint8 array (28, 28) or None
        As from `find_digits`; None if the picture is blank or has too many marks.
    """
    if grey.shape == (SIDE, SIDE):
        found = small_digit(grey)
        return None if found is None else found[1]
    page = _ink(grey)
    if page.ink is None or page.reason:
        return None
    ink = page.ink
    marks = find_marks(ink.amount)
    if marks is None:
        return None
    pieces = _pieces(marks, ink)
    if not pieces:
        return None
    return digit_image(ink_of(Mark.of(pieces), marks, ink.amount))


def _alone(grey: Grey) -> Page:
    """Take the whole picture as one digit."""
    image = single_digit(grey)
    if image is None:
        return Page(grey, reason=BLANK, single=True)
    height, width = grey.shape
    return Page(grey, lines=((Candidate((0, 0, width, height), image),),), single=True)


def _ink(grey: Grey) -> Page:
    """Return the ink of a picture without ruled lines, or the reason why there is none."""
    if max(grey.shape) > LONGEST * min(grey.shape):
        return Page(grey, reason=TOO_LONG)
    scale = 1
    while grey.size > WORKING * scale**2:
        scale += 1
    page = Page(_scaled_down(grey, scale), scale)
    ink = find_ink(page.grey)
    if ink is None:
        return replace(page, reason=BLANK)
    ruled = find_ruled_lines(ink.amount, ink.even)
    if ruled is None:
        return replace(page, ink=ink, reason=CLUTTER)
    if not ruled.any():
        return replace(page, ink=ink)
    rest = np.where(ruled, 0, ink.amount).astype(np.uint8)
    return replace(page, ruled=ruled, ink=replace(ink, amount=rest))


def _small(grey: Grey) -> Page:
    found = small_digit(grey)
    if found is None:
        return Page(grey, reason=BLANK)
    box, image, unscaled = found
    where = full_size(box, 1)
    parts = () if image is unscaled else (Candidate(where, unscaled),)
    return Page(grey, lines=((Candidate(where, image, parts),),))


def _scaled_down(grey: Grey, scale: int) -> Grey:
    """Return the picture scaled down: means of ``scale`` by ``scale`` pixels."""
    if scale == 1:
        return grey
    from PIL import Image

    return np.asarray(Image.fromarray(grey).reduce(scale))


def _pieces(marks: Marks, ink: Ink) -> list[Mark]:
    """Return the pieces of ink that may belong to digits."""
    return without_specks(without_page_edges(marks, ink.even))


def _read_marks(page: Page, ink: Ink) -> Page:
    """Find the digits among the pieces of ink."""
    marks = find_marks(ink.amount)
    if marks is None:
        return replace(page, reason=CLUTTER)
    pieces = _pieces(marks, ink)
    if len(pieces) > MOST:
        return replace(page, reason=CLUTTER)
    pen = _pen(pieces, marks, ink)
    wholes = join_pieces(join_fragments(pieces, marks, pen), pen)
    lines = order_in_lines(without_dashes(wholes))
    if not lines:
        return replace(page, reason=BLANK)
    if sum(mark.box.pixels for line in lines for mark in line) > MOST_COVERED * ink.amount.size:
        return replace(page, reason=CLUTTER)
    read = _cut_out(lines, marks, ink, pen, page.scale)
    if read is None:
        return replace(page, reason=CLUTTER)
    return replace(page, lines=read, reason=None if read else BLANK)


def _cut_out(
    lines: list[list[Mark]], marks: Marks, ink: Ink, pen: float, scale: int
) -> tuple[tuple[Candidate, ...], ...] | None:
    """Return the digits of each line; None if there are more than `MOST` after wide marks are cut."""
    height = written_height([mark for line in lines for mark in line])
    cutter = Cutter(marks, ink.amount, height, scale)
    read, count = [], 0
    for line in lines:
        digits: list[Candidate] = []
        for among in pair_halves(line, pen):
            digits += cutter.cut(among)
            if count + len(digits) > MOST:
                return None
        count += len(digits)
        read.append(tuple(digits))
    return tuple(filter(None, read))  # a mark that is too wide to be cut is not a digit


def _pen(pieces: list[Mark], marks: Marks, ink: Ink) -> float:
    """Return the width of the strokes of the largest mark, in pixels."""
    if len(pieces) < 2:
        return 1.0  # nothing to join
    largest = max(pieces, key=lambda mark: mark.area)
    return stroke_width(ink_of(largest, marks, ink.amount) / 255)
