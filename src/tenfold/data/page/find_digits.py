"""Finds what may be digits in a picture: for each way to see its ink, the rows and their candidates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenfold.data.idx import SIDE
from tenfold.data.page.components import MOST, Box, Mark, Marks, find_marks, ink_of
from tenfold.data.page.edges import without_page_edges
from tenfold.data.page.find_ink import Ink, ink_views
from tenfold.data.page.find_lines import Lines, find_lines, is_texture
from tenfold.data.page.fragments import join_fragments
from tenfold.data.page.grey import Grey
from tenfold.data.page.lattice import Candidate, Lattice, lattice_of
from tenfold.data.page.one_digit import one_digit, whole_picture
from tenfold.data.page.rows import in_rows, written_height
from tenfold.data.page.scraps import without_scraps
from tenfold.data.page.small_picture import small_digit
from tenfold.data.page.stroke import stroke_width
from tenfold.data.page.view import BLANK, CLUTTER, TOO_LONG, Mask, Page, View

WORKING = 3_100_000  # pixels; a larger picture is scaled down first
MOST_COVERED = 6  # times the picture's area; only nested strokes, not writing, have boxes that cover more
MOST_PIXELS = 6_000_000  # in the boxes of all that may be digits of a view
SLOW = 1_500_000  # pixels in these boxes; with more, other views would take too long
LONGEST = 500  # times the shorter side; a line of the largest number of digits is shorter
LEAST = 4  # pixels, the longer side of the smallest piece that is not dirt
DIRT = 0.06  # of the height of the writing; smaller pieces are dirt
PEN, DOTS = 0.7, 0.5  # of the width of strokes, a dot; dots for each larger mark: with more, they are dirt
LEAST_TURNED = 3  # marks; fewer do not say which way is up
MANY = 200  # candidates; with more, other views would take too long
FEW = 3  # marks; where there are more, the ink of a drawing or screenshot is not in doubt


def find_digits(grey: Grey, *, single: bool = False) -> Page:
    """Find what may be digits in a picture.

    A picture of 28 x 28 is taken as one digit and keeps its pixels, see `small_digit`. In any other
    picture, ink is separated from paper, ruled lines are removed, and pieces of ink are ordered in rows.

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
    >>> page[20:80, 20:28] = page[20:80, 120:128] = 0
    >>> [row] = find_digits(page).view(0).rows
    >>> [(one.box.left, one.box.top, one.box.width, one.box.height) for one in row.candidates]
    [(20, 20, 8, 60), (120, 20, 8, 60)]
    """
    if grey.shape == (SIDE, SIDE):
        return Page(grey, single=single, _views=iter((_small(grey),)))
    if min(grey.shape) < LEAST:  # too small for a digit
        return Page(grey, single=single, _views=iter((View(reason=BLANK),)))
    if max(grey.shape) > LONGEST * min(grey.shape):
        return Page(grey, single=single, _views=iter((View(reason=TOO_LONG),)))
    scale = 1
    while grey.size > WORKING * scale**2:
        scale += 1
    scaled = _scaled_down(grey, scale)
    return Page(scaled, scale, single, grey.shape, _alone(scaled) if single else _views(scaled))


def single_digit(grey: Grey) -> Grey | None:
    """Scale a picture of one digit to 28 x 28, even if the digit is in pieces.

    Parameters
    ----------
    grey : uint8 array (h, w)

    Returns
    -------
    uint8 array (28, 28) or None
        The likeliest candidate of `find_digits` for a single digit; None if the picture is blank or has too
        many marks.
    """
    view = find_digits(grey, single=True).view(0)
    return view.rows[0].candidates[0].image if view is not None and view.rows else None


def _views(grey: Grey) -> Iterator[View]:
    """Yield the ways to see a page: its ink in each way, with what may be lines, turned."""
    inks = ink_views(grey)
    ink = next(inks, None)
    if ink is None:
        yield View(reason=BLANK)
        return
    first, lines = _without_lines(ink)
    yield first
    candidates = [one for row in first.rows for one in row.candidates]
    count = len(candidates)
    if count > MANY or sum(one.box.pixels for one in candidates) > SLOW:
        return
    if 0 < count and (ink.name != "plain" or count <= FEW):
        for other in inks:
            yield _without_lines(other, most=SLOW)[0]
    if lines is not None and count:
        yield _read(ink, lines.apart(ink), most=SLOW)
    if count >= LEAST_TURNED:
        for turns in (1, 2, 3):
            yield _read(ink, lines, turns, most=SLOW)


def _alone(grey: Grey) -> Iterator[View]:
    """Yield the ways to see a picture of one digit."""
    inks = list(ink_views(grey, every=True))
    for ink in inks:
        view, lines = _without_lines(ink, single=True)
        yield view
        if lines is not None:
            yield _read(ink, None, single=True)
    if not inks:
        yield View(reason=BLANK)


def _without_lines(ink: Ink, *, single: bool = False, most: int = MOST_PIXELS) -> tuple[View, Lines | None]:
    """Return ink seen without lines, and these; a texture is not searched for them."""
    if is_texture(ink.amount):
        return View(ink, reason=CLUTTER), None
    lines = find_lines(ink)
    return _read(ink, lines, single=single, most=most), lines


def _small(grey: Grey) -> View:
    """Take a picture of 28 x 28 as one digit; a second candidate is the same digit, not scaled."""
    found = small_digit(grey)
    if found is None:
        return View(reason=BLANK)
    box, image, unscaled = found
    mark = Mark(box, (1,), box.pixels)
    images = [image] if image is unscaled else [image, unscaled]
    candidates = tuple(Candidate(0, 1, box, unscaled[box.slices], one, (mark,)) for one in images)
    return View(rows=(Lattice(candidates, 1, float(box.height)),))


def _scaled_down(grey: Grey, scale: int) -> Grey:
    """Return the picture scaled down: means of ``scale`` by ``scale`` pixels."""
    if scale == 1:
        return grey
    from PIL import Image

    return np.asarray(Image.fromarray(grey).reduce(scale))


def _pieces(marks: Marks, amount: Grey, even: bool) -> tuple[list[Mark], list[Mark]]:
    """Return the pieces of ink that may be of digits, and the others: the picture's edge, and dirt.

    A few small pieces as wide as the pen may be dots of a fine pen.
    """
    inside = without_page_edges(marks, even)
    if not inside:
        return [], list(marks.marks)
    least = max(LEAST, DIRT * written_height(inside))
    large = [mark for mark in inside if mark.box.size >= least]
    dots = []
    if len(large) > 1:
        pen = PEN * _pen(large, marks, amount)
        dots = [mark for mark in inside if pen <= mark.box.size < least]
    kept = without_scraps(large + dots if len(dots) <= DOTS * len(large) else large, marks.labels.shape)
    labels = {mark.labels[0] for mark in kept}
    return kept, [mark for mark in marks.marks if mark.labels[0] not in labels]


def _read(
    ink: Ink, lines: Lines | None, turned: int = 0, *, single: bool = False, most: int = MOST_PIXELS
) -> View:
    """Divide a page into rows, and these into candidates."""
    mask = None if lines is None else lines.mask
    amount = ink.amount if mask is None else np.where(mask, 0, ink.amount).astype(np.uint8)
    amount = np.ascontiguousarray(np.rot90(amount, turned))
    marks = find_marks(amount)
    if marks is None:
        return View(ink, mask, reason=CLUTTER)
    pieces, dirt = _pieces(marks, amount, ink.even and not turned)
    if len(pieces) > MOST:
        return View(ink, mask, reason=CLUTTER)
    boxes = () if lines is None else lines.boxes if not turned else _boxes(np.rot90(lines.mask, turned))
    left = (*((mark.box, "speck") for mark in dirt), *((box, "line") for box in boxes))
    if not pieces:
        return View(ink, mask, (), left, BLANK, turned)
    if sum(piece.box.pixels for piece in pieces) > MOST_COVERED * amount.size:
        return View(ink, mask, reason=CLUTTER)
    if single:
        return View(ink, mask, (one_digit(pieces, marks, amount),), left)
    whole = whole_picture(pieces, marks, amount)
    pieces = join_fragments(pieces, marks, _pen(pieces, marks, amount))
    rows, left_over = [], float(most)
    for row in in_rows(pieces):
        rows.append(lattice_of(row, marks, amount, most=left_over))
        left_over -= sum(one.box.pixels for one in rows[-1].candidates)
        if left_over < 0:
            return View(ink, mask, reason=CLUTTER)
    return View(ink, mask, tuple(rows), left, None, turned, whole, marks, amount)


def _pen(pieces: list[Mark], marks: Marks, amount: Grey) -> float:
    """Return the width of the strokes of the largest mark, in pixels."""
    if len(pieces) < 2:
        return 1.0  # nothing to join
    largest = max(pieces, key=lambda mark: mark.area)
    return stroke_width(ink_of(largest, marks, amount) / 255)


def _boxes(mask: Mask) -> tuple[Box, ...]:
    """Return the boxes of lines."""
    from scipy.ndimage import find_objects, label

    regions, _ = label(mask, np.ones((3, 3), bool))
    return tuple(Box.of(where) for where in find_objects(regions) if Box.of(where).size >= LEAST)
