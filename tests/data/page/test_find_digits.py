"""The steps from grey levels to digits, each by itself; reading whole pictures is tested in tests/predict."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import find_digits, mnist_style, single_digit
from tenfold.data.page.components import MOST, Box, Mark, find_marks, ink_of
from tenfold.data.page.cuts import parts_of
from tenfold.data.page.edges import without_page_edges
from tenfold.data.page.find_ink import find_ink
from tenfold.data.page.fragments import join_fragments
from tenfold.data.page.page_layout import (
    join_pieces,
    order_in_lines,
    pair_halves,
    without_dashes,
    without_specks,
    written_height,
)
from tenfold.data.page.stroke import FROM_THICK, FROM_THIN, digit_image, stroke_width


def mark(left: int, top: int, width: int, height: int, area: int | None = None) -> Mark:
    filled = (width * height) // 3 if area is None else area
    return Mark(Box(left, top, left + width, top + height), (1,), filled)


def boxes(marks: list[Mark]) -> list[tuple[int, int, int, int]]:
    return sorted((m.box.left, m.box.top, m.box.width, m.box.height) for m in marks)


# --- ink


@pytest.mark.parametrize(("paper", "ink"), [(0, 170), (0, 255), (90, 10), (90, 200), (255, 10), (255, 170)])
def test_plain_paper_gives_the_share_of_ink(paper: int, ink: int) -> None:
    """Half-covered pixels count half, whichever is the lighter."""
    page = np.full((60, 60), paper, np.uint8)
    page[20:40, 25:30], page[20:40, 30] = ink, round((ink + paper) / 2)
    found = find_ink(page)
    assert found.even
    assert np.unique(found.paper).tolist() == [paper]
    assert (found.amount[20:40, 25:30] == 255).all()
    np.testing.assert_allclose(found.amount[20:40, 30].astype(int), 128, atol=3)
    assert np.count_nonzero(found.amount) == 20 * 6


@pytest.mark.parametrize("dark", [True, False])
def test_lit_paper_is_found_under_the_ink(dark: bool) -> None:
    """Against the light that was put in: within 5 grey levels nearly everywhere, at a sharp shadow too."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:200, :300] / 300
    light = (0.9 - 0.5 * x) * np.where(x + y > 0.8, 0.6, 1)
    written = np.zeros((200, 300), bool)
    for left in range(30, 270, 40):
        written[50:110, left : left + 9] = True
    reflected = np.where(written, 0.2, 1.0) if dark else np.where(written, 1.0, 0.25)
    page = np.clip(255 * light * reflected + rng.normal(0, 1.5, light.shape), 0, 255).astype(np.uint8)
    found = find_ink(page)
    assert not found.even
    want = 255 * light * (1 if dark else 0.25)
    assert np.mean(np.abs(found.paper - want) > 5) < 0.03
    inked = found.amount >= 128
    assert (inked & written).sum() / (inked | written).sum() > 0.93


# --- marks and layout


def test_specks_are_measured_by_the_writing() -> None:
    digits = [mark(10, 10, 20, 40), mark(50, 10, 20, 40)]
    assert without_specks([*digits, mark(90, 30, 5, 5), mark(30, 45, 3, 3)]) == digits
    small = [mark(10, 10, 5, 10), mark(20, 10, 5, 10)]
    assert without_specks([*small, mark(30, 10, 3, 3)]) == small
    assert without_specks([]) == []


JOINS = {
    "a 5 and its bar": ([(20, 30, 30, 50), (45, 20, 25, 8)], [(20, 20, 50, 60)]),
    "upper and lower half": ([(20, 20, 30, 30), (22, 53, 28, 30)], [(20, 20, 30, 63)]),
    "a piece inside": ([(20, 20, 40, 60), (30, 40, 12, 12)], [(20, 20, 40, 60)]),
    "two digits": ([(20, 20, 30, 60), (54, 20, 30, 60)], [(20, 20, 30, 60), (54, 20, 30, 60)]),
    "two slanted digits": ([(20, 20, 30, 60), (42, 20, 30, 60)], [(20, 20, 30, 60), (42, 20, 30, 60)]),
    "two lines": ([(20, 20, 30, 60), (22, 95, 30, 60)], [(20, 20, 30, 60), (22, 95, 30, 60)]),
    "the nearer one": (
        [(20, 30, 30, 50), (52, 30, 8, 8), (65, 20, 30, 60)],
        [(20, 30, 40, 50), (65, 20, 30, 60)],
    ),
}


@pytest.mark.parametrize("case", JOINS)
@pytest.mark.parametrize("times", [1, 7])
def test_pieces_are_joined(case: str, times: int) -> None:
    given, want = JOINS[case]
    marks = [mark(*(times * length for length in box)) for box in given]
    found = join_pieces(marks, pen=4.0 * times)
    assert boxes(found) == sorted(tuple(times * length for length in box) for box in want)
    assert sum(len(one.labels) for one in found) == len(given)


TOGETHER = {
    "a zero in dashes": ([(20, 20, 4, 12), (20, 35, 4, 12), (24, 50, 12, 4), (39, 20, 4, 29)], 1),
    "a three in two": ([(20, 20, 20, 14), (22, 37, 20, 14)], 1),
    "two digits": ([(20, 20, 14, 30), (37, 20, 14, 30)], 2),
    "a row of dashes": ([(20 + 14 * i, 20, 12, 4) for i in range(8)], 8),
    "far apart": ([(20, 20, 20, 14), (22, 50, 20, 14)], 2),
}


@pytest.mark.parametrize("case", TOGETHER)
@pytest.mark.parametrize("times", [1, 5])
def test_strokes_in_pieces_are_put_together(case: str, times: int) -> None:
    given, count = TOGETHER[case]
    amount = np.zeros((100, 160), np.uint8)
    for left, top, width, height in given:
        amount[top : top + height, left : left + width] = 255
    marks = find_marks(amount.repeat(times, axis=0).repeat(times, axis=1))
    found = join_fragments(marks.marks, marks, pen=3.0 * times)
    assert len(found) == count
    assert sorted(label for one in found for label in one.labels) == list(range(1, len(given) + 1))


def test_the_edge_of_a_photo_is_no_writing() -> None:
    amount = np.zeros((200, 300), np.uint8)
    amount[:, 290:] = amount[150:, :12] = 255  # tables
    amount[30:170, 286] = 255  # the sheet's edge
    amount[50:110, 60:66] = amount[0:40, 100:106] = 255  # ones, one of which is cropped
    marks = find_marks(amount)
    assert boxes(without_page_edges(marks, even=False)) == [(60, 50, 6, 60), (100, 0, 6, 40)]
    alone = find_marks(np.pad(np.full((60, 6), 255, np.uint8), ((0, 0), (0, 40))))
    assert boxes(without_page_edges(alone, even=True)) == [(0, 0, 6, 60)]


def test_reading_order() -> None:
    """Two lines that climb by more than their distance."""
    first = [mark(10 + 50 * i, 100 - 12 * i, 30, 40) for i in range(8)]
    second = [mark(20 + 50 * i, 160 - 12 * i, 30, 40) for i in range(8)]
    mixed = [*second, *first]
    np.random.default_rng(0).shuffle(mixed)
    assert order_in_lines(mixed) == [first, second]


def test_dashes_and_what_is_tiny_beside_the_digits_are_none() -> None:
    digits = [mark(10, 10, 30, 60), mark(60, 12, 30, 58)]
    assert without_dashes([*digits, mark(110, 40, 30, 5, 140), mark(150, 50, 10, 12)]) == digits
    touching = [mark(10, 10, 330, 60, 6000)]
    assert without_dashes(touching) == touching
    assert without_dashes([]) == []


def test_halves_are_put_together_for_the_network_to_decide() -> None:
    left, right, other = mark(10, 20, 15, 50), mark(28, 10, 10, 60), mark(80, 10, 40, 60)
    assert pair_halves([left, right, other], pen=4) == [(left, right), (other,)]
    assert written_height([left, right, other]) == 60
    wide, beside = mark(10, 10, 34, 60), mark(40, 12, 20, 58)  # a zero in two, its boxes one into the other
    assert pair_halves([wide, beside, other], pen=4) == [(wide, beside), (other,)]
    assert pair_halves([mark(10, 10, 34, 60), mark(46, 12, 20, 58)], pen=4) == [
        (mark(10, 10, 34, 60),),
        (mark(46, 12, 20, 58),),
    ]


def test_a_mark_is_cut_out_without_its_neighbour() -> None:
    amount = np.zeros((50, 60), np.uint8)
    amount[10:40, 10:14] = amount[36:40, 10:40] = 200  # an L
    amount[10:30, 20:24] = 210  # within its box
    amount[9, 10:14] = 60  # a soft end
    marks = find_marks(amount)
    assert boxes(list(marks.marks)) == [(10, 10, 30, 30), (20, 10, 4, 20)]
    corner = max(marks.marks, key=lambda one: one.area)
    ink = ink_of(corner, marks, amount)
    assert np.unique(ink).tolist() == [0, 200]
    assert np.count_nonzero(ink) == corner.area


def test_faint_ink_between_the_pieces_of_a_digit_is_cut_out_with_them() -> None:
    amount = np.zeros((80, 60), np.uint8)
    amount[10:70, 20:24] = 200
    amount[36:40, 20:24] = 70  # too faint to be of a mark
    amount[20:60, 28:32] = 200  # a neighbour
    amount[10:70, 50] = 70  # far away
    marks = find_marks(amount)
    upper, neighbour, lower = sorted(marks.marks, key=lambda one: (one.box.top, one.box.left))
    assert boxes([neighbour]) == [(28, 20, 4, 40)]
    ink = ink_of(Mark.of((upper, lower)), marks, amount)
    np.testing.assert_array_equal(ink, amount[10:70, 20:24])
    wide = Mark(Box(10, 5, 55, 75), upper.labels + lower.labels, upper.area + lower.area)
    cut = ink_of(wide, marks, amount)
    assert np.count_nonzero(cut) == 60 * 4


def test_faint_and_too_many_marks() -> None:
    faint = np.full((50, 50), 60, np.uint8)
    assert find_marks(faint).marks == ()
    dots = np.full((400, 400), 255, np.uint8)
    for shift in range(5):
        dots[shift::12, shift // 2 :: 12] = 0
    assert (400 // 12) ** 2 > MOST
    assert find_digits(dots).reason == "too many marks"


@pytest.mark.parametrize("height", [2, 8])
def test_the_time_is_in_proportion_to_the_pixels(height: int) -> None:
    """A strip as long as a street: with time or memory in its square, this test does not end."""
    rng = np.random.default_rng(0)
    light = np.linspace(60, 250, 1_000_000 // height)
    strip = (light * np.where(rng.random((height, len(light))) < 0.05, 0.3, 1)).astype(np.uint8)
    for page in (strip, strip.T.copy()):
        assert sum(map(len, find_digits(page).lines)) <= MOST


def test_what_is_far_too_wide_is_not_cut() -> None:
    """A zigzag along a page is no row of ten thousand digits."""
    amount = np.zeros((30, 30_000), np.uint8)
    columns = np.arange(30_000)
    amount[np.abs(columns % 58 - 29), columns] = 255
    assert parts_of(Box(0, 0, 30_000, 30), amount, 30.0) == []
    page = find_digits(255 - np.pad(amount, 20))
    assert (page.lines, page.reason) == ((), "blank")


def test_wide_ink_is_cut_at_its_thinnest_columns() -> None:
    ink = np.zeros((60, 100), np.uint8)
    ink[5:55, 5:45] = ink[5:55, 55:95] = 255
    ink[30:33, 45:55] = 255  # a bridge
    parts = parts_of(Box(200, 300, 300, 360), ink, 60.0)
    assert len(parts) == 2
    (first, left), (second, right) = parts
    assert first.left == 205
    assert 245 <= first.right <= second.left <= 255
    assert left.sum(dtype=int) + right.sum(dtype=int) == ink.sum(dtype=int)
    assert parts_of(Box(0, 0, 40, 60), ink[:, :40], 60.0) == []


# --- strokes


@pytest.mark.parametrize("width", [1, 3, 10, 40])
def test_stroke_width_of_a_ring(width: int) -> None:
    y, x = np.mgrid[-150:151, -150:151]
    ring = np.abs(np.hypot(x, y) - 100) <= width / 2
    assert stroke_width(ring.astype(float)) == pytest.approx(width, rel=0.15, abs=0.6)


@pytest.mark.parametrize(("pen", "side"), [(1, 1000), (2, 300), (90, 600), (1, 60), (8, 200)])
def test_strokes_come_out_as_wide_as_mnist_has_them(pen: int, side: int) -> None:
    """A ring drawn with any pen; neither lost nor filled, and still a ring."""
    y, x = np.mgrid[:side, :side] - side / 2
    ring = (np.abs(np.hypot(x, y) - 0.38 * side) <= pen / 2).astype(np.uint8) * np.uint8(255)
    image = digit_image(ring)
    width = stroke_width(image / 255)
    assert FROM_THIN - 0.9 <= width <= FROM_THICK + 1.5
    assert image[14, 13:16].max() == 0
    crossings = image[14] > 100
    assert np.count_nonzero(np.diff(crossings.astype(int))) == 4


def test_a_thin_stroke_that_is_faint_in_places_is_drawn_whole() -> None:
    """A ring of a thin pen, as out of focus or in a lamp's light: on one side half as dark."""
    y, x = np.mgrid[:200, :200] - 100.0
    ring = np.where(np.abs(np.hypot(x, y) - 76) <= 2, 255.0, 0.0)
    ring[:, 100:] *= 0.42
    image = digit_image(ring.astype(np.uint8))
    assert np.count_nonzero(np.diff((image[14] > 100).astype(int))) == 4


def test_usual_strokes_are_left_alone() -> None:
    page = np.zeros((200, 100), np.uint8)
    page[20:180, 40:62] = 255
    np.testing.assert_array_equal(digit_image(page), mnist_style(page))


# --- 28 x 28


def seven(paper: int, ink: int) -> np.ndarray:
    page = np.full((28, 28), paper, np.int64)
    page[7:10, 8:19] = page[7:27, 14:17] = ink
    return page.astype(np.uint8)


@pytest.mark.parametrize(("paper", "ink"), [(0, 90), (255, 150), (100, 220), (180, 60), (90, 140)])
def test_dim_28_x_28_is_strengthened(paper: int, ink: int) -> None:
    np.testing.assert_array_equal(single_digit(seven(paper, ink)), seven(0, 255))


def test_foggy_28_x_28_is_cleared() -> None:
    fog = np.random.default_rng(0).integers(60, 70, (28, 28))
    found = single_digit(np.maximum(seven(0, 250), fog).astype(np.uint8))
    assert found[seven(0, 1) > 0].min() >= 240
    assert found[seven(0, 1) == 0].max() < 20


@pytest.mark.parametrize(("rows", "columns"), [(-4, 0), (3, 5), (0, -8)])
def test_28_x_28_off_its_middle_is_moved_there(rows: int, columns: int) -> None:
    moved = single_digit(np.roll(seven(0, 255), (rows, columns), axis=(0, 1)))
    centre = [(moved.sum(axis=axis) @ (np.arange(28) + 0.5)) / moved.sum() for axis in (0, 1)]
    assert all(13 <= along < 16 for along in centre)


def test_a_picture_in_pieces_is_one_digit_for_training() -> None:
    """Whoever sorts pictures by digit says that each is one."""
    page = np.full((100, 100), 255, np.uint8)
    page[20:80, 20:30] = page[20:80, 60:70] = 0
    assert sum(map(len, find_digits(page).lines)) == 2
    columns = np.flatnonzero(single_digit(page).any(axis=0))
    assert columns[-1] - columns[0] > 14
