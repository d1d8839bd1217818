"""The steps from grey levels to digits, each by itself; reading whole pictures is tested in tests/predict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tenfold.data import Candidate, Lattice, View, find_digits, mnist_style, single_digit
from tenfold.data.page.components import MOST, Box, Mark, find_marks, ink_of
from tenfold.data.page.edges import without_page_edges
from tenfold.data.page.find_ink import ink_views
from tenfold.data.page.stroke import FROM_THICK, FROM_THIN, digit_image, stroke_width


def boxes(marks: Sequence[Mark]) -> list[tuple[int, int, int, int]]:
    return sorted((m.box.left, m.box.top, m.box.width, m.box.height) for m in marks)


def seen(page: np.ndarray, **options: bool) -> View:
    view = find_digits(page, **options).view(0)
    assert view is not None
    return view


def drawn(*rectangles: tuple[int, int, int, int], shape: tuple[int, int] = (120, 200)) -> np.ndarray:
    """A white sheet with black rectangles: left, top, width and height of each."""
    page = np.full(shape, 255, np.uint8)
    for left, top, width, height in rectangles:
        page[top : top + height, left : left + width] = 0
    return page


def alone(row: Lattice) -> list[Candidate]:
    """The marks of a row by themselves."""
    return [one for one in row.candidates if len(one.marks) == 1]


def place(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.width, box.height


# --- ink


@pytest.mark.parametrize(("paper", "ink"), [(0, 170), (0, 255), (90, 10), (90, 200), (255, 10), (255, 170)])
def test_plain_paper_gives_the_share_of_ink(paper: int, ink: int) -> None:
    """Half-covered pixels count half, whichever is the lighter."""
    page = np.full((60, 60), paper, np.uint8)
    page[20:40, 25:30], page[20:40, 30] = ink, round((ink + paper) / 2)
    found = next(ink_views(page), None)
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
    found = next(ink_views(page), None)
    assert not found.even
    want = 255 * light * (1 if dark else 0.25)
    assert np.mean(np.abs(found.paper - want) > 5) < 0.03
    inked = found.amount >= 128
    assert (inked & written).sum() / (inked | written).sum() > 0.93


# --- marks


def test_specks_are_measured_by_the_writing() -> None:
    """A dot of 5 pixels is dirt beside digits of 100, and a mark beside digits of 10."""
    dot = (90, 30, 5, 5)
    digits = [(10, 10, 20, 100), (50, 10, 20, 100)]
    view = seen(drawn(*digits, dot, (38, 45, 4, 2)))
    assert [[place(one.box) for one in alone(row)] for row in view.rows] == [digits]
    assert sorted((place(box), kind) for box, kind in view.left) == [
        ((38, 45, 4, 2), "speck"),
        (dot, "speck"),
    ]
    small = [(50, 26, 5, 10), (70, 26, 5, 10), dot]
    [row] = seen(drawn(*small, shape=(60, 110))).rows
    assert [place(one.box) for one in alone(row)] == small


ONE_DIGIT = {
    "a 5 and its bar": [(20, 30, 30, 50), (45, 20, 25, 8)],
    "upper and lower half": [(20, 20, 30, 30), (22, 53, 28, 30)],
    "left and right half": [(20, 20, 15, 60), (40, 10, 10, 70)],
    "halves whose boxes overlap": [(20, 20, 34, 60), (58, 22, 12, 58)],
    "a zero in dashes": [(20, 20, 4, 24), (20, 50, 4, 24), (24, 80, 18, 4), (45, 20, 4, 60)],
    "a three in two": [(20, 20, 30, 24), (22, 48, 30, 24)],
}


@pytest.mark.parametrize("case", ONE_DIGIT)
@pytest.mark.parametrize("times", [1, 5])
def test_pieces_of_one_digit_are_proposed_together(case: str, times: int) -> None:
    """A second digit far from them keeps the height of the writing, and is proposed by itself."""
    pieces = [tuple(times * length for length in box) for box in ONE_DIGIT[case]]
    far = tuple(times * length for length in (120, 20, 25, 65))
    [row] = seen(drawn(*pieces, far, shape=(120 * times, 180 * times))).rows
    whole = Mark.of([Mark(Box(x, y, x + w, y + h), (1,), w * h) for x, y, w, h in pieces])
    proposed = {place(one.box): one for one in row.candidates}
    together = proposed[place(whole.box)]
    assert sum(len(mark.labels) for mark in together.marks) == len(pieces)
    assert together.area == whole.area
    assert proposed[far].area == far[2] * far[3]
    assert all(box == far or box[0] + box[2] < far[0] for box in proposed)


APART = {
    "two digits": [(20, 20, 30, 60), (54, 20, 30, 60)],
    "two slanted digits": [(20, 20, 20, 60), (42, 24, 20, 60)],
    "a row of dashes": [(20 + 18 * i, 40, 12, 5) for i in range(8)],
    "a digit and a dot": [(20, 20, 30, 60), (56, 72, 8, 8)],
    "two lines": [(20, 10, 8, 50), (22, 75, 8, 50)],
}


@pytest.mark.parametrize("case", APART)
@pytest.mark.parametrize("times", [1, 5])
def test_each_digit_is_proposed_by_itself(case: str, times: int) -> None:
    marks = [tuple(times * length for length in box) for box in APART[case]]
    view = seen(drawn(*marks, shape=(140 * times, 200 * times)))
    proposed = [place(one.box) for row in view.rows for one in row.candidates]
    assert len(proposed) == len(set(proposed))
    assert set(marks) <= set(proposed)


def test_the_edge_of_a_photo_is_no_writing() -> None:
    amount = np.zeros((200, 300), np.uint8)
    amount[:, 290:] = amount[150:, :12] = 255  # tables
    amount[30:170, 286] = 255  # the sheet's edge
    amount[50:110, 60:66] = amount[0:40, 100:106] = 255  # ones, one of which is cropped
    marks = find_marks(amount)
    assert boxes(without_page_edges(marks, even=False)) == [(60, 50, 6, 60), (100, 0, 6, 40)]
    alone = find_marks(np.pad(np.full((60, 6), 255, np.uint8), ((0, 0), (0, 40))))
    assert boxes(without_page_edges(alone, even=True)) == [(0, 0, 6, 60)]


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
    assert seen(dots).reason == "too many marks"


@pytest.mark.parametrize("height", [2, 8])
def test_the_time_is_in_proportion_to_the_pixels(height: int) -> None:
    """A strip as long as a street: with time or memory in its square, this test does not end."""
    rng = np.random.default_rng(0)
    light = np.linspace(60, 250, 1_000_000 // height)
    strip = (light * np.where(rng.random((height, len(light))) < 0.05, 0.3, 1)).astype(np.uint8)
    for page in (strip, strip.T.copy()):
        assert sum(len(alone(row)) for row in seen(page).rows) <= MOST


def test_what_is_far_too_wide_is_not_cut() -> None:
    """A zigzag along a page is no row of ten thousand digits."""
    amount = np.zeros((30, 30_000), np.uint8)
    columns = np.arange(30_000)
    for rows in (0, 1, 2):
        amount[np.minimum(np.abs(columns % 54 - 27) + rows, 29), columns] = 255
    view = seen(255 - np.pad(amount, 80))
    for row in view.rows:
        for one in row.candidates:
            assert one.box.width < 100 or view.cut(one, row.height) is None


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
    page = drawn((20, 20, 10, 60), (60, 20, 10, 60), shape=(100, 100))
    assert sum(len(alone(row)) for row in seen(page).rows) == 2
    columns = np.flatnonzero(single_digit(page).any(axis=0))
    assert columns[-1] - columns[0] > 14
