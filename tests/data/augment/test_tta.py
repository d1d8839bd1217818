"""Test-time augmentation: which copies there are, and that their probabilities are averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from tenfold.backend.bilinear import bilinear
from tenfold.data import TTA, as_float
from tenfold.data.augment.random_affine import AffineParameters
from tenfold.data.augment.tta import Copy, altered
from tenfold.errors import ConfigError, ShapeError

SHAPES = [(28, 28), (9, 12, 3), (3, 5, 1), (1, 1, 2)]


def drawn(shape: tuple[int, ...], n: int = 5) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(1, 256, (n, *shape)).astype(np.uint8)


def pixels(images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A "predictor" that shows what it is given: pixels from 0 to 1 as rows."""
    floats = images / np.float32(255) if images.dtype == np.uint8 else images
    return floats.reshape(len(images), -1)


@pytest.mark.parametrize(
    ("tta", "number"), [(TTA(), 9), (TTA(2), 25), (TTA(0, 10), 3), (TTA(1, 5), 27), (TTA(8), 289)]
)
def test_there_is_a_copy_for_every_shift_and_rotation_and_the_first_is_the_image(tta, number):
    assert len(tta.copies) == len(set(tta.copies)) == number
    assert tta.copies[0] == Copy(0.0, 0, 0)
    for one in tta.copies:
        assert Copy(-one.rotation, -one.down, -one.right) in tta.copies  # no direction counts more


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("down", "right"), [(0, 0), (1, 0), (-1, 2), (3, -4), (8, 8)])
def test_a_shift_moves_whole_pixels_and_brings_in_zeros(shape, down, right):
    images = drawn(shape)
    by = (0, down, right, 0)[: images.ndim]
    got = altered(images, Copy(0.0, down, right))
    np.testing.assert_array_equal(got, ndimage.shift(images, by, order=0, prefilter=False))
    assert got.dtype == images.dtype


@pytest.mark.parametrize("shape", SHAPES)
def test_a_rotation_is_the_definitions(shape):
    images = drawn(shape)
    h, w = shape[:2]
    amounts = AffineParameters(np.ones((1, 2)), np.zeros(1), np.full(1, 20.0), np.array([[1 / h, -2 / w]]))
    wide = as_float(images).astype(np.float64)
    want = bilinear(wide, np.repeat(amounts.matrices(h, w), len(images), axis=0))
    for given in (images, as_float(images), wide, wide[..., 0] if shape[2:] in ((), (1,)) else wide):
        np.testing.assert_allclose(altered(given, Copy(20.0, 1, -2)), want, atol=1e-5)


@pytest.mark.parametrize("tta", [TTA(), TTA(2), TTA(0, 15), TTA(1, 10)])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_mean_is_over_all_copies_and_nothing_is_random(tta, shape):
    images = drawn(shape)
    before = images.copy()
    want = np.mean([pixels(altered(images, one)).astype(float) for one in tta.copies], axis=0)
    got = tta.mean(pixels, images)
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)
    assert got.tobytes() == tta.predictor(pixels)(images).tobytes()
    np.testing.assert_array_equal(images, before)


def test_no_image_gives_no_row():
    assert TTA(1, 10).mean(lambda images: np.zeros((len(images), 10)), drawn((28, 28), 0)).shape == (0, 10)


def test_the_predictor_says_what_is_wrong_with_images():
    def refuses(images):
        raise ShapeError("expected digits")

    with pytest.raises(ShapeError, match="expected digits"):
        TTA().mean(refuses, np.zeros(3))


def test_it_says_what_it_does():
    assert str(TTA()) == "the mean of 9 copies, shifted by up to 1 pixel"
    assert str(TTA(2, 7.5)) == "the mean of 75 copies, shifted by up to 2 pixels and rotated by 7.5 degrees"
    assert str(TTA(0, 10)) == "the mean of 3 copies, rotated by 10 degrees"
    assert TTA(**TTA(2, 7.5).config()) == TTA(2, 7.5)


REFUSED = {
    "nothing": ({"shift": 0}, r"TTA: expected a shift or a rotation, got 0 for both; write TTA\(shift=1\)"),
    "half a pixel": ({"shift": 0.5}, "TTA: shift: expected whole pixels, got 0.5; write shift=1"),
    "too far": ({"shift": 9}, "TTA: shift: expected a number from 0 to 8, got 9"),
    "backwards": ({"rotation": -1}, "TTA: rotation: expected a number from 0 to 180, got -1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_options_out_of_range_are_refused(refused_in_one_line, name):
    options, message = REFUSED[name]
    with refused_in_one_line(ConfigError, message):
        TTA(**options)
