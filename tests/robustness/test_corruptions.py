"""The fifteen corruptions: each does what it says, and leaves a digit that can be read."""

from __future__ import annotations

import numpy as np
import pytest
from corruptions import CORRUPTIONS, corrupted

EIGHT = np.zeros((28, 28), np.uint8)
EIGHT[5:23, 9:19] = 255
EIGHT[8:13, 12:16] = EIGHT[15:20, 12:16] = 0


def spoil(name: str, seed: int = 0) -> np.ndarray:
    return corrupted(EIGHT, CORRUPTIONS[name], np.random.default_rng(seed))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_changes_the_image_by_chance_alone_and_not_too_much(name: str) -> None:
    images = [spoil(name, seed) for seed in range(12)]
    for image in images:
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
    np.testing.assert_array_equal(images[3], spoil(name, 3))
    assert any((image != EIGHT).any() for image in images)
    if name != "canny edges":  # nothing about it is left to chance
        assert any((image != images[0]).any() for image in images)
    if name not in ("stripe", "canny edges", "translate", "scale"):
        likeness = [np.corrcoef(image.ravel(), EIGHT.ravel())[0, 1] for image in images]
        assert min(likeness) > 0.4


def ink(image: np.ndarray) -> int:
    return int(image.sum(dtype=np.int64))


def test_moving_keeps_all_ink_and_moves_it() -> None:
    for seed in range(12):
        image = spoil("translate", seed)
        assert ink(image) == ink(EIGHT)
        assert sorted(image.ravel()) == sorted(EIGHT.ravel())


@pytest.mark.parametrize(
    ("name", "least", "most"), [("scale", 0.2, 0.5), ("rotate", 0.9, 1.1), ("shear", 0.9, 1.1)]
)
def test_how_much_ink_is_left(name: str, least: float, most: float) -> None:
    for seed in range(12):
        assert least <= ink(spoil(name, seed)) / ink(EIGHT) <= most


def test_brightness_lifts_the_ground_and_fog_most_of_it() -> None:
    assert all(spoil("brightness", seed).min() > 60 for seed in range(12))
    assert all(np.median(spoil("fog", seed)) > 15 for seed in range(12))


def test_a_stripe_exchanges_dark_and_light_in_the_middle_only() -> None:
    for seed in range(12):
        inverted = (spoil("stripe", seed) == 255 - EIGHT).all(axis=0)
        assert (spoil("stripe", seed) == np.where(inverted, 255 - EIGHT, EIGHT)).all()
        assert 6 <= inverted.sum() < 10
        assert 8 <= np.flatnonzero(inverted)[0] < np.flatnonzero(inverted)[-1] < 21


@pytest.mark.parametrize("name", ["spatter", "dotted line", "zigzag"])
def test_what_is_drawn_over_takes_nothing_away(name: str) -> None:
    for seed in range(12):
        assert (spoil(name, seed) >= EIGHT).all()
        assert (spoil(name, seed) > EIGHT).sum() > 5


def test_edges_leave_the_outline() -> None:
    edges = spoil("canny edges")
    assert set(np.unique(edges)) == {0, 255}
    assert edges[13:15, 10:18].sum() == 0 or ink(edges) < 0.6 * ink(EIGHT)
    assert 40 < (edges > 0).sum() < 130


@pytest.mark.parametrize(("name", "share"), [("impulse noise", 0.08), ("shot noise", 0.1)])
def test_noise_hits_a_share_of_the_pixels(name: str, share: float) -> None:
    changed = np.mean([(spoil(name, seed) != EIGHT).mean() for seed in range(12)])
    assert 0.3 * share < changed < 1.2 * share
