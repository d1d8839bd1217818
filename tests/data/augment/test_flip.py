"""Mirrored images."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import RandomFlip, as_float
from tenfold.errors import ConfigError


@pytest.mark.parametrize("shape", [(200, 5, 4), (200, 5, 4, 3)])
def test_about_half_of_the_images_are_mirrored_and_nothing_else(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    flipped, floats = RandomFlip()(images, np.random.default_rng(1)), as_float(images)
    same = (flipped == floats).all(axis=(1, 2, 3))
    mirrored = (flipped == floats[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 60 < mirrored.sum() < 140
    assert (flipped.dtype, flipped.shape) == (np.float32, floats.shape)
    np.testing.assert_array_equal(flipped, RandomFlip()(floats, np.random.default_rng(1)))


@pytest.mark.parametrize(("chance", "changed"), [(0.0, False), (1.0, True)])
def test_never_and_always(chance: float, changed: bool) -> None:
    image = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    want = as_float(image[:, :, ::-1] if changed else image)
    np.testing.assert_array_equal(RandomFlip(chance=chance)(image, np.random.default_rng(0)), want)


def test_a_chance_beyond_one_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"random_flip: chance: expected a number from 0 to 1, got 1.5"):
        RandomFlip(chance=1.5)
