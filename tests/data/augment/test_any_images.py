"""Augmentations of images of any size: all channels of an image are altered alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tenfold.backend.bilinear import bilinear
from tenfold.backend.cpu.bilinear import bilinear as compiled
from tenfold.data import (
    Chain,
    CutMix,
    MixUp,
    RandomAffine,
    RandomElastic,
    RandomErasing,
    RandomPen,
    RandomWarp,
    as_float,
)
from tenfold.data.augment.augmenter import Augmenter
from tenfold.errors import ConfigError
from tenfold.optim import SGD
from tenfold.train import Recipe

ANY = {
    "affine": RandomAffine(zoom=0.2, rotation=20, shear=10, shift=0.1, chance=0.9),
    "warp": RandomWarp(zoom=0.2, rotation=20, shear=10, bend=1.5, chance=0.9),
    "elastic": RandomElastic(zoom=0.1, rotation=10, shift=0.1, chance=0.9),
    "erasing": RandomErasing(chance=0.9),
    "mixup": MixUp(alpha=0.5, chance=0.9),
    "cutmix": CutMix(chance=0.9),
}
SHAPES = {"colour": (32, 32, 3), "letters": (20, 24, 1), "wide": (9, 31, 2), "one pixel": (1, 1, 3)}
any_size = pytest.mark.parametrize("piece", [pytest.param(p, id=name) for name, p in ANY.items()])
any_shape = pytest.mark.parametrize("shape", [pytest.param(s, id=name) for name, s in SHAPES.items()])


def pixels(shape: tuple[int, ...], n: int = 12) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, *shape)).astype(np.uint8)


@any_size
@any_shape
def test_each_channel_is_altered_as_a_grey_image_would_be(piece, shape):
    images = pixels(shape)
    altered = piece(images, np.random.default_rng(0))
    assert (altered.shape, altered.dtype) == (images.shape, np.float32)
    for channel in range(shape[2]):
        alone = piece(images[..., channel], np.random.default_rng(0))[..., 0]
        assert altered[..., channel].tobytes() == alone.tobytes()


@any_size
@any_shape
def test_bytes_and_floats_are_altered_alike(piece, shape):
    images = pixels(shape)
    altered = (piece(x, np.random.default_rng(0)) for x in (images, as_float(images)))
    assert next(altered).tobytes() == next(altered).tobytes()


@any_shape
def test_compiled_resampling_of_bytes_is_the_definition(shape):
    images = pixels(shape)
    matrices = ANY["affine"].draw(len(images), np.random.default_rng(0)).matrices(*shape[:2])
    want = bilinear(as_float(images).astype(np.float64), matrices)
    np.testing.assert_allclose(compiled(images, matrices), want, atol=1e-5)


def test_a_chain_is_for_digits_only_if_a_step_is():
    steps = list(ANY.values())
    assert [Chain(steps).digits_only, Chain([*steps, RandomPen()]).digits_only] == [False, True]


class Plain(Augmenter):
    kind = "plain"

    def examples(self, images, labels, rng, *, threads=None):
        return images, labels


@dataclass(frozen=True)
class Nameless(Augmenter):
    def examples(self, images, labels, rng, *, threads=None):
        return images, labels


@pytest.mark.parametrize("own", [Plain(), Nameless()])
def test_an_own_class_that_is_no_dataclass_with_a_kind_says_what_to_write(own):
    with pytest.raises(
        ConfigError, match=r"expected a frozen dataclass with a kind, got \w+ without; write @dataclass"
    ):
        Recipe(1, 16, SGD(0.1), augmentation=own).config()
