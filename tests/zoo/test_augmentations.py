"""The augmentations of published systems: their amounts, and what they leave of a digit."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import RandomAffine
from tenfold.zoo.augmentations import GHOUZAM, SCRATCH_WIDE, scratch_augmentation

# largest zoom, rotation in degrees, shift; ratio kept; share of the images altered
PUBLISHED = {
    "scratch, a quarter": (scratch_augmentation(0.25), (0.2, 25, 0.2), True, 0.25),
    "scratch, a half": (scratch_augmentation(0.5), (0.2, 25, 0.2), True, 0.5),
    "scratch, most": (scratch_augmentation(0.8), (0.2, 25, 0.2), True, 0.8),
    "scratch-wide": (SCRATCH_WIDE, (0.2, 25, 0.2), False, 1.0),
    "ghouzam": (GHOUZAM, (0.1, 10, 0.1), False, 1.0),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_amounts_fill_their_published_ranges(name: str) -> None:
    augmentation, most, kept, chance = PUBLISHED[name]
    drawn = augmentation.draw(10_000, np.random.default_rng(0))
    for values, limit in zip((drawn.zoom - 1, drawn.rotation, drawn.shift), most, strict=True):
        assert values.min() == pytest.approx(-limit, rel=0.01)
        assert values.max() == pytest.approx(limit, rel=0.01)
    assert np.all(drawn.shear == 0)
    assert np.array_equal(drawn.zoom[:, 0], drawn.zoom[:, 1]) == kept
    assert (drawn.rotation != 0).mean() == pytest.approx(chance, abs=0.02)


@pytest.mark.parametrize("name", PUBLISHED)
def test_most_of_a_digits_ink_stays_in_the_image(name: str) -> None:
    augmentation: RandomAffine = PUBLISHED[name][0]
    digits = np.zeros((500, 28, 28, 1))
    digits[:, 4:24, 8:20] = 1  # as high as digits are, and about as wide
    drawn = augmentation.draw(500, np.random.default_rng(1))
    ink = augmentation(digits, np.random.default_rng(1)).sum(axis=(1, 2, 3))
    share = ink / (240 * drawn.zoom.prod(axis=1))
    assert share.min() > 0.6
    assert share.mean() > 0.95
    assert share.max() < 1.02
