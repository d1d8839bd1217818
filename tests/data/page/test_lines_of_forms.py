"""Lines of forms, of any grey and width, are taken away; the strokes of digits are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tenfold.data import find_digits
from tenfold.data.page.edge_strips import edge_strips
from tenfold.data.page.find_ink import Ink, ink_views
from tenfold.data.page.find_lines import find_lines

HEIGHT, DEEP, PITCH = 60, 180, 70  # of the digits, of the page, from digit to digit; pixels
FIRST, TOP = 60, 60
COUNT = 4
WIDTH = FIRST + COUNT * PITCH + 40

Mask = np.ndarray


def blank() -> Mask:
    return np.zeros((DEEP, WIDTH), bool)


def writing() -> Mask:
    """Four digits of round and of straight strokes: 0, 7, 1, 4."""
    mask = blank()
    rows, columns = np.ogrid[:DEEP, :WIDTH]
    ring = np.hypot((rows - TOP - 30) / 30, (columns - FIRST - 25) / 19)
    mask |= (ring <= 1) & (ring > 0.78)
    left = FIRST + PITCH + 8
    mask[TOP : TOP + 5, left : left + 34] = True
    for row in range(HEIGHT):
        mask[TOP + row, left + 30 - row // 3 : left + 35 - row // 3] = True
    left = FIRST + 2 * PITCH + 20
    mask[TOP : TOP + HEIGHT, left : left + 6] = True
    left = FIRST + 3 * PITCH + 5
    mask[TOP : TOP + HEIGHT, left + 26 : left + 31] = mask[TOP + 35 : TOP + 40, left : left + 38] = True
    for row in range(38):
        mask[TOP + row, left + 24 - row // 2 : left + 29 - row // 2] = True
    return mask


def rectangle(mask: Mask, left: int, top: int, right: int, bottom: int, thick: int) -> None:
    mask[top : top + thick, left:right] = mask[bottom - thick : bottom, left:right] = True
    mask[top:bottom, left : left + thick] = mask[top:bottom, right - thick : right] = True


def boxes_apart(thick: int) -> Mask:
    mask = blank()
    for i in range(COUNT):
        rectangle(mask, FIRST + i * PITCH - 6, TOP - 15, FIRST + i * PITCH + 54, TOP + 76, thick)
    return mask


def boxes_joined(thick: int) -> Mask:
    mask = blank()
    for i in range(COUNT):
        left = FIRST + i * PITCH - 10
        rectangle(mask, left, TOP - 15, left + PITCH + thick, TOP + 76, thick)
    return mask


def grid(thick: int) -> Mask:
    mask = boxes_joined(thick)
    mask[TOP + 76 - thick :, FIRST - 10 : FIRST - 10 + thick] = True
    mask[: TOP - 15, FIRST - 10 : FIRST - 10 + thick] = True
    mask[TOP - 15 : TOP - 15 + thick] = mask[TOP + 76 - thick : TOP + 76] = True
    return mask


def comb(thick: int) -> Mask:
    mask = blank()
    first, last = FIRST - 10, FIRST - 10 + COUNT * PITCH
    mask[TOP + 70 : TOP + 70 + thick, first : last + thick] = True
    for i in range(COUNT + 1):
        mask[TOP + 45 : TOP + 70, first + i * PITCH : first + i * PITCH + thick] = True
    return mask


def frame(thick: int) -> Mask:
    mask = blank()
    rectangle(mask, 25, 25, WIDTH - 25, DEEP - 25, thick)
    return mask


def underline(thick: int) -> Mask:
    mask = blank()
    mask[TOP + 68 : TOP + 68 + thick, 45 : WIDTH - 60] = True
    return mask


def table_cell(thick: int) -> Mask:
    mask = blank()
    mask[TOP - 20 : TOP - 20 + thick] = mask[TOP + 78 : TOP + 78 + thick] = True
    mask[:, 20 : 20 + thick] = mask[TOP - 20 : TOP + 78, WIDTH - 22 : WIDTH - 22 + thick] = True
    return mask


def dotted(thick: int) -> Mask:
    mask = blank()
    for left in range(20, WIDTH - 20, 2 * thick + 1):
        mask[TOP + 68 : TOP + 68 + thick, left : left + thick] = True
    return mask


def dashed(thick: int) -> Mask:
    mask = blank()
    for left in range(20, WIDTH - 20, 20):
        mask[TOP + 68 : TOP + 68 + thick, left : left + 12] = True
    return mask


def margin(thick: int) -> Mask:
    mask = blank()
    mask[:, 22 : 22 + thick] = True
    return mask


KINDS: dict[str, Callable[[int], Mask]] = {
    kind.__name__: kind
    for kind in (
        boxes_apart,
        boxes_joined,
        grid,
        comb,
        frame,
        underline,
        table_cell,
        dotted,
        dashed,
        margin,
    )
}


def page_with(lines: Mask, grey: int, ink: int = 20) -> np.ndarray:
    page = np.where(lines, np.uint8(grey), np.uint8(255))
    return np.where(writing(), np.uint8(ink), page)


def amount_of(mask: Mask) -> Ink:
    amount = mask * np.uint8(255)
    return Ink(amount, np.zeros_like(amount), even=True)


def boxes_of(page: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Return the boxes of the high marks of the only row; a dot is no digit."""
    view = find_digits(page).view(0)
    assert view is not None
    [row] = view.rows
    marks = {mark.labels: mark.box for one in row.candidates for mark in one.marks}
    return [(box.left, box.top, box.width, box.height) for box in marks.values() if box.height > HEIGHT / 2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grey", [0, 60, 120, 150, 180, 205, 225])
@pytest.mark.parametrize("thick", [1, 2, 3, 4, 6])
def test_digits_are_found_as_if_there_were_no_lines(kind: str, grey: int, thick: int) -> None:
    want = boxes_of(page_with(blank(), 255))
    assert len(want) == COUNT
    found = boxes_of(page_with(KINDS[kind](thick), grey))
    assert len(found) == COUNT
    np.testing.assert_allclose(found, want, atol=2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("thick", [1, 2, 4])
@pytest.mark.parametrize("turned", [False, True])
def test_the_ink_of_lines_is_marked_and_that_of_digits_is_not(kind: str, thick: int, turned: bool) -> None:
    lines, digits = KINDS[kind](thick), writing()
    both = lines | digits
    found = find_lines(amount_of(both.T if turned else both))
    assert found is not None
    mask = found.mask.T if turned else found.mask
    assert not (mask & digits & ~lines).any()
    assert (mask & lines).sum() > 0.97 * (lines & ~digits).sum()
    inside = np.zeros_like(found.mask)
    for box in found.boxes:
        inside[max(box.top - 6, 0) : box.bottom + 6, max(box.left - 6, 0) : box.right + 6] = (
            True  # with joints
        )
    assert not (found.mask & ~inside).any()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "dotted"])
def test_digits_that_touch_lines_stay_whole(kind: str) -> None:
    """All digits, moved by the distance to the lowest line; their strokes are kept where they cross it."""
    lines, digits = KINDS[kind](2), np.roll(writing(), 14, axis=0)
    found = find_lines(amount_of(lines | digits))
    assert found is not None
    assert (digits & ~found.mask).sum() > 0.97 * digits.sum()


@pytest.mark.parametrize(
    "strokes",
    [
        [(30, 10, 36, 110)],  # a 1
        [(10, 10, 70, 16), (64, 10, 70, 110)],  # an angular 7
        [(10, 10, 70, 14), (10, 106, 70, 110), (10, 10, 14, 110), (66, 10, 70, 110)],  # an angular 0
        [(20, 50, 60, 54)],  # a minus
        [(30, 10, 34, 110), (10, 106, 60, 110)],  # a 1 with a base
    ],
)
@pytest.mark.parametrize("tight", [False, True])
def test_strokes_of_a_digit_of_its_own_are_no_lines(
    strokes: list[tuple[int, int, int, int]], tight: bool
) -> None:
    mask = np.zeros((120, 80), bool)
    for left, top, right, bottom in strokes:
        mask[top:bottom, left:right] = True
    if tight:
        mask = mask[mask.any(axis=1)][:, mask.any(axis=0)]
    assert find_lines(amount_of(mask)) is None


def test_an_empty_box_beside_boxes_with_digits_goes_with_them() -> None:
    digits = writing()
    digits[:, FIRST + PITCH - 5 : FIRST + 2 * PITCH - 5] = False
    lines = boxes_apart(2)
    found = find_lines(amount_of(lines | digits))
    assert found is not None
    assert (found.mask & lines).sum() == lines.sum()


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("depth", [2, 8, 20])
def test_a_dark_strip_along_an_edge_is_no_writing(turns: int, depth: int) -> None:
    strip = np.zeros((DEEP, WIDTH), bool)
    np.rot90(strip, turns)[:depth] = True
    mask, boxes = edge_strips(strip | writing())
    assert np.array_equal(mask, strip)
    assert [np.count_nonzero(strip[box.slices]) for box in boxes] == [strip.sum()]


def test_the_bar_of_a_seven_in_a_tight_picture_is_no_strip() -> None:
    seven = np.zeros((60, 40), bool)
    seven[:7] = seven[:, 33:] = True
    assert not edge_strips(seven)[0].any()
    assert not edge_strips(np.ones((60, 6), bool))[0].any()


def test_grey_lines_under_a_digit_are_told_from_its_darker_strokes() -> None:
    """The base of a 2 that lies on a line as thick as itself."""
    lines, digits = underline(4), writing()
    digits[TOP + 68 : TOP + 72, FIRST + 80 : FIRST + 120] = True
    page = np.where(lines, np.uint8(140), np.uint8(255))
    ink = next(ink_views(np.where(digits, np.uint8(10), page)), None)
    found = find_lines(ink)
    assert not (found.mask & digits).any()
    assert (found.mask & lines).sum() > 0.97 * (lines & ~digits).sum()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("slope", [0.0, 0.12, 0.24])
def test_broken_lines_from_edge_to_edge_of_an_empty_sheet_are_lines(slope: float, turned: bool) -> None:
    """Where nothing is written, specks say nothing about the height of the writing."""
    page = np.zeros((350, 300), bool)
    columns = np.arange(300)
    inked = columns % 12 < 9
    for top in (20, 100, 180, 260):
        page[np.rint(top + slope * columns).astype(int)[inked], columns[inked]] = True
    lines = page.copy()
    page[40:46, 150:152] = page[140:146, 60:62] = True
    found = find_lines(amount_of(page.T if turned else page))
    assert found is not None
    mask = found.mask.T if turned else found.mask
    assert np.count_nonzero(mask & lines) >= 0.9 * np.count_nonzero(lines)


def seen_from_one_side(slant: float) -> Mask:
    """Boxes in a row, the sides of which lean, each by another angle; ``slant`` is the most."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", (WIDTH, DEEP))
    draw = ImageDraw.Draw(picture)
    top, bottom = TOP - 20, TOP + 80
    lean = slant * (bottom - top)
    ends = [(FIRST - 10 + i * PITCH, (i - COUNT / 2) / (COUNT / 2)) for i in range(COUNT + 1)]
    sides = [((at, top), (at - lean * away * 0.4, bottom)) for at, away in ends]
    for one, other in sides:
        draw.line([one, other], fill=1, width=2)
    for row in (0, 1):
        draw.line([sides[0][row], sides[-1][row]], fill=1, width=2)
    return np.asarray(picture)


@pytest.mark.parametrize("slant", [0.0, 0.5, 1.0, 1.4])
def test_the_sides_of_boxes_may_lean_as_on_a_photo(slant: float) -> None:
    """The outermost lean by 0, 11, 22 and 29 degrees."""
    lines, digits = seen_from_one_side(slant), writing()
    found = find_lines(amount_of(lines | digits))
    assert found is not None
    assert (found.mask & lines).sum() > 0.95 * (lines & ~digits).sum()  # they touch digits
    assert not (found.mask & digits & ~lines).any()


def test_a_line_may_be_darker_where_it_hits_the_pixels() -> None:
    """A line a pixel thick lies on one row, or pale on two: it has as much ink there and is one line."""
    digits = writing()
    amount = np.where(digits, 255, 0).astype(np.uint8)
    top, bottom = TOP - 15, TOP + 76
    lines = np.zeros_like(digits)
    for row in (top, bottom):
        amount[row : row + 2, FIRST - 10 : FIRST + 3 * PITCH] = 110
        amount[row, FIRST + PITCH : FIRST + 2 * PITCH] = 220
        amount[row + 1, FIRST + PITCH : FIRST + 2 * PITCH] = 0
    for column in (FIRST - 10, FIRST + 3 * PITCH):
        amount[top : bottom + 2, column] = 220
    lines |= (amount > 0) & ~digits
    found = find_lines(Ink(amount, np.zeros_like(amount), even=True))
    assert found is not None
    assert (found.mask & lines).sum() > 0.97 * lines.sum()
    assert not (found.mask & digits).any()


def test_fat_digits_do_not_keep_the_lines_of_a_table() -> None:
    """Their strokes are straight and thicker than any line, but say nothing about the remains of lines."""
    lines, fat = boxes_joined(1), blank()
    for i in range(COUNT):
        left = FIRST + i * PITCH
        fat[TOP + 10 : TOP + 22, left : left + 36] = True
        fat[TOP + 10 : TOP + 34, left + 4 : left + 10] = True
    found = find_lines(amount_of(lines | fat))
    assert found is not None
    assert (found.mask & lines).sum() > 0.97 * lines.sum()
    assert not (found.mask & fat).any()


def test_no_ink_is_left_at_the_joints_of_lines() -> None:
    """Thick corners, as ink and lens make them, would be dots and commas."""
    lines, digits = boxes_joined(3), writing()
    corners = blank()
    for i in range(COUNT + 1):
        left = FIRST + i * PITCH - 10
        corners[TOP + 70 : TOP + 77, left - 1 : left + 4] = True
    stop = blank()
    stop[TOP + 68 : TOP + 72, FIRST + PITCH - 16 : FIRST + PITCH - 12] = True  # near a joint, touches no line
    found = find_lines(amount_of(lines | corners | digits | stop))
    assert found is not None
    left = (corners | lines) & ~found.mask & ~digits
    assert not left.any()
    assert not (found.mask & (digits | stop) & ~lines & ~corners).any()


@pytest.mark.parametrize("slant", [0.4, 0.6])
def test_a_slanted_1_from_line_to_line_is_no_side_of_a_box(slant: float) -> None:
    """It is thicker than they are."""
    from PIL import Image, ImageDraw

    lines = boxes_joined(2)
    picture = Image.new("1", (WIDTH, DEEP))
    left = FIRST + PITCH + 25
    top, bottom = TOP - 14, TOP + 75
    ImageDraw.Draw(picture).line([(left + slant * 40, top), (left - slant * 40, bottom)], fill=1, width=7)
    one = np.asarray(picture)
    others = writing()
    others[:, FIRST + PITCH - 5 : FIRST + 2 * PITCH - 5] = False
    found = find_lines(amount_of(lines | one | others))
    assert found is not None
    assert (found.mask & one & ~lines).sum() < 0.2 * one.sum()


def test_a_comma_on_a_thin_line_stays_where_another_line_is_thick() -> None:
    """Remains are as small as most lines are thick."""
    lines, comma = boxes_joined(2), blank()
    lines[160:174] = True
    joint, line = FIRST + PITCH - 10, TOP + 74  # of the second box
    comma[line - 10 : line + 2, joint + 12 : joint + 18] = True
    found = find_lines(amount_of(lines | comma | writing()))
    assert found is not None
    assert (comma & ~lines & ~found.mask).sum() > 0.9 * (comma & ~lines).sum()
