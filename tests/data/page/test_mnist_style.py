"""A digit brought to 28 x 28 the way MNIST was made: box, centre of mass, invariances."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import mnist_style
from tenfold.data.page.mnist_style import resampled
from tenfold.errors import RangeError, ShapeError


def box(image: np.ndarray) -> tuple[int, int, int, int]:
    """First and last row, first and last column with ink."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def mass(image: np.ndarray) -> tuple[Fraction, Fraction]:
    """Centre of mass, pixel centres at +.5, exact."""
    rows, columns = (image.sum(axis=axis, dtype=np.int64) for axis in (1, 0))
    doubled = 2 * np.arange(28) + 1
    return Fraction(int(rows @ doubled), 2 * int(rows.sum())), Fraction(
        int(columns @ doubled), 2 * int(rows.sum())
    )


def seven(height: int = 60, width: int = 40, stroke: int = 6) -> np.ndarray:
    picture = np.zeros((height, width))
    picture[:stroke] = 1
    for row in range(height):
        end = width - row * (width - stroke) // height
        picture[row, end - stroke : end] = 1
    return picture


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    density=st.floats(0.02, 1),
    seed=st.integers(0, 10_000),
)
def test_centre_of_mass_box_and_full_ink(height: int, width: int, density: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.random((height, width)) * (rng.random((height, width)) < density)
    picture[rng.integers(height), rng.integers(width)] = 1
    image = mnist_style(picture)
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() == 255
    top, bottom, left, right = box(image)
    assert bottom - top < 20
    assert right - left < 20
    for centre, first, last in zip(mass(image), (top, left), (bottom, right), strict=True):
        at_an_edge = (centre < 14 and last == 27) or (centre >= 15 and first == 0)
        assert 14 <= centre < 15 or at_an_edge


def test_the_longer_side_fills_twenty_pixels() -> None:
    top, bottom, left, right = box(mnist_style(seven(60, 40)))
    assert bottom - top == 19
    assert right - left in (12, 13)  # 40 / 60 of 20 pixels is 13.3
    top, bottom, left, right = box(mnist_style(seven(40, 60)))
    assert right - left == 19


def test_where_the_digit_stands_makes_no_difference() -> None:
    pages = []
    for row, column in ((0, 0), (0, 60), (40, 0), (40, 60), (17, 23)):
        page = np.zeros((100, 100))
        page[row : row + 60, column : column + 40] = seven()
        pages.append(mnist_style(page))
    for page in pages[1:]:
        np.testing.assert_array_equal(page, pages[0])


@pytest.mark.parametrize("scale", [2, 3, 5])
def test_replication_makes_no_difference(scale: int) -> None:
    large = seven().repeat(scale, axis=0).repeat(scale, axis=1)
    np.testing.assert_array_equal(mnist_style(large), mnist_style(seven()))


@pytest.mark.parametrize("ink", [1e-3, 1.0, 255.0, 1e9])
def test_the_scale_of_the_ink_makes_no_difference(ink: float) -> None:
    np.testing.assert_array_equal(mnist_style(seven() * ink), mnist_style(seven()))


def test_uint8_is_taken_too() -> None:
    np.testing.assert_array_equal(mnist_style((seven() * 255).astype(np.uint8)), mnist_style(seven()))


def test_turning_the_picture_turns_the_image() -> None:
    square = np.zeros((60, 60))
    square[:, 10:50] = seven()
    image, turned = mnist_style(square), mnist_style(np.ascontiguousarray(square.T))
    np.testing.assert_array_equal(turned, image.T)


def test_one_pixel_becomes_a_dot_of_two_by_two() -> None:
    """The smallest square is 10 wide and doubled to 20."""
    page = np.zeros((50, 50))
    page[3, 40] = 0.7
    image = mnist_style(page)
    assert image.sum() == 4 * 255
    top, bottom, left, right = box(image)
    assert (bottom - top, right - left) == (1, 1)
    assert 14 <= mass(image)[0] < 15


def test_all_ink_is_a_centred_square() -> None:
    image = mnist_style(np.ones((37, 37)))
    assert box(image) == (4, 23, 4, 23)
    assert image[4:24, 4:24].min() == 255


def test_a_line_of_1_by_5000() -> None:
    image = mnist_style(np.ones((1, 5000)))
    top, bottom, left, right = box(image)
    assert right - left == 19
    assert bottom == top


def test_resampling_weighs_by_area() -> None:
    """Against a count on a grid fine enough to hold both, for a side that is no multiple of 20."""
    side = 33
    square = np.random.default_rng(0).random((side, side))
    fine = square.repeat(20, axis=0).repeat(20, axis=1)  # 660 = 20 * 33
    want = fine.reshape(20, side, 20, side).mean(axis=(1, 3))
    np.testing.assert_allclose(resampled(square), want, rtol=1e-12)


def test_ink_never_falls_off_the_page() -> None:
    """A heavy end would pull a long thin one over the edge."""
    picture = np.zeros((100, 100))
    picture[:, :8] = 1
    picture[50, :] = 0.5
    image = mnist_style(picture)
    assert box(image)[2:] == (8, 27)
    assert mass(image)[1] < 14


@pytest.mark.parametrize(
    ("picture", "error", "words"),
    [
        (np.zeros((28, 28)), RangeError, "expected ink, found a blank"),
        (np.full((28, 28), np.nan), RangeError, "found negative or non-finite values"),
        (np.full((28, 28), -1.0), RangeError, "found negative or non-finite values"),
        (np.zeros((28, 28, 3)), ShapeError, r"expected the shape \(h, w\), found \(28, 28, 3\)"),
        (np.zeros((0, 5)), ShapeError, r"found \(0, 5\)"),
    ],
)
def test_refused(picture: np.ndarray, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        mnist_style(picture)


def test_what_was_mnist_stays_nearly_as_it_was(mnist_folder) -> None:
    """MNIST went through this once; a second time moves at most what resampling blurs."""
    from tenfold.data import read_idx_images

    images = read_idx_images(mnist_folder / "t10k-images-idx3-ubyte.gz")[:200]
    again = np.stack([mnist_style(image) for image in images])
    inked = ((images > 127) | (again > 127)).sum(axis=(1, 2))
    both = ((images > 127) & (again > 127)).sum(axis=(1, 2))
    assert np.median(both / inked) > 0.97
