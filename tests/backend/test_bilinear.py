"""Compiled sampling against its definition: sizes around a register's width, threads, bytes, borders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.backend.bilinear import bilinear as defined
from tenfold.backend.cpu.bilinear import bilinear as compiled
from tenfold.data import RandomAffine, as_float
from tenfold.errors import ConfigError, DTypeError, RangeError, ShapeError

SIZES = [(1, 1), (1, 7), (7, 1), (2, 3), (8, 15), (9, 16), (5, 17), (28, 28), (31, 33), (33, 32)]
WIDE = RandomAffine(zoom=0.2, rotation=25, shift=0.2, shear=10, keep_ratio=False)
FAR = RandomAffine(zoom=0.9, rotation=180, shift=1, shear=60, keep_ratio=False)


def noise(*shape):
    return np.random.default_rng(0).random(shape, np.float32)


def bytes_of(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def maps(augmentation, n, size, seed=0):
    return augmentation.draw(n, np.random.default_rng(seed)).matrices(*size)


@pytest.mark.parametrize("augmentation", [WIDE, FAR], ids=["wide", "far"])
@pytest.mark.parametrize("c", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_as_defined(size, c, augmentation):
    for n in (1, 70):
        images, matrices = noise(n, *size, c), maps(augmentation, n, size)
        new = compiled(images, matrices)
        assert (new.shape, new.dtype) == (images.shape, np.float32)
        np.testing.assert_allclose(new, defined(images.astype(np.float64), matrices), rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_bytes_are_the_floats_that_they_become(size):
    images, matrices = bytes_of(9, *size), maps(WIDE, 9, size)
    np.testing.assert_array_equal(compiled(images, matrices), compiled(as_float(images), matrices))


@pytest.mark.parametrize("size", SIZES)
def test_nothing_to_do_leaves_every_bit(size):
    images, matrices = bytes_of(5, *size), maps(RandomAffine(), 5, size)
    np.testing.assert_array_equal(compiled(images, matrices), as_float(images))


@pytest.mark.parametrize("threads", [2, 3, 4, 7])
def test_the_same_bits_on_any_number_of_threads(threads):
    images, matrices = bytes_of(300, 28, 28), maps(WIDE, 300, (28, 28))
    alone = compiled(images, matrices, threads=1)
    np.testing.assert_array_equal(compiled(images, matrices, threads=threads), alone)
    np.testing.assert_array_equal(compiled(images[:1], matrices[:1], threads=threads), alone[:1])


@pytest.mark.parametrize("images", [bytes_of(6, 9, 20), noise(6, 9, 20, 2)], ids=["bytes", "floats"])
def test_images_may_be_views_and_read_only(images):
    matrices = maps(WIDE, 3, (9, 10))
    view = images[::2, :, ::2]
    view.flags.writeable = False
    np.testing.assert_array_equal(compiled(view, matrices), compiled(view.copy(), matrices))


def test_no_images_are_no_error():
    assert compiled(bytes_of(0, 28, 28), np.zeros((0, 2, 3))).shape == (0, 28, 28, 1)


@given(seed=st.integers(0, 2**32 - 1), far=st.floats(0, 1e300))
def test_nothing_is_read_beside_the_image_however_far_a_map_leads(seed, far):
    """Where it would be, there is no image; float32 has no such number, and takes infinity for it."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 2, (4, 6, 21), dtype=np.uint8) * np.uint8(255)
    new = compiled(images, rng.uniform(-far, far, (4, 2, 3)))
    assert 0 <= new.min()
    assert new.max() <= 1


@pytest.mark.parametrize("images", [bytes_of(40, 28, 28), noise(40, 28, 28, 1)], ids=["bytes", "floats"])
def test_augmentation_draws_the_same_for_every_dtype(images):
    double = as_float(images).astype(np.float64) if images.dtype == np.uint8 else images.astype(np.float64)
    new = WIDE(images, np.random.default_rng(5))
    assert new.dtype == np.float32
    np.testing.assert_allclose(new, WIDE(double, np.random.default_rng(5)), rtol=0, atol=1e-5)


REFUSED = {
    "dtype": (lambda: compiled(np.zeros((1, 5, 5, 1)), np.zeros((1, 2, 3))), DTypeError, "got float64 of"),
    "shape": (lambda: compiled(noise(5, 5, 1), np.zeros((1, 2, 3))), DTypeError, r"of shape \(5, 5, 1\)"),
    "matrices": (
        lambda: compiled(bytes_of(2, 5, 5), np.zeros((1, 2, 3))),
        ShapeError,
        r"expected float64 matrices of shape \(2, 2, 3\), one for each image, "
        r"got float64 of shape \(1, 2, 3\)",
    ),
    "NaN": (
        lambda: compiled(bytes_of(1, 5, 5), np.full((1, 2, 3), np.nan)),
        RangeError,
        "expected finite matrices, got NaN or infinity",
    ),
    "threads": (
        lambda: compiled(bytes_of(1, 5, 5), np.zeros((1, 2, 3)), threads=0),
        ConfigError,
        "threads: expected at least 1, got 0",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, refused_in_one_line):
    build, error, message = REFUSED[name]
    with refused_in_one_line(error, message):
        build()
