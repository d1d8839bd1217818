"""Lines, dots, gaps and impulses; blur, sweep, glass and noise: how much of each, and where."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label as components
from scipy.ndimage import maximum_filter, minimum_filter

from tenfold.data import RandomMarks, RandomPhoto, as_float, load_corpus

BLANK = np.zeros((400, 28, 28, 1), np.float32)


def drawn(piece, images, seed=0):
    return piece(images, np.random.default_rng(seed))


def blots(image):
    return components(image > 0, np.ones((3, 3)))[1]


def bow(image):
    """How far, in pixels, ink deviates from the straight line that fits it best."""
    places = np.argwhere(image > 0).astype(float)
    return np.linalg.svd(places - places.mean(axis=0), full_matrices=False)[1][-1] / np.sqrt(len(places))


@pytest.fixture(scope="module")
def digits():
    return load_corpus("mnist-5k").train.images[:200]


def test_lines_and_dots_add_ink_and_gaps_take_it(digits):
    before = as_float(digits)
    assert np.all(drawn(RandomMarks(lines=1), digits) >= before)
    assert np.all(drawn(RandomMarks(dots=1), digits) >= before)
    gaps = drawn(RandomMarks(gaps=1), digits)
    assert np.all(gaps <= before)
    assert np.mean(gaps.sum(axis=(1, 2, 3)) < before.sum(axis=(1, 2, 3))) > 0.7


def test_lines_are_straight_or_bent_and_some_are_dashed():
    lines = drawn(RandomMarks(lines=1), BLANK)[..., 0]
    inked = [line for line in lines if np.count_nonzero(line) > 8]
    assert len(inked) > 380
    assert 0.25 < np.mean([bow(line) > 1 for line in inked]) < 0.5
    assert 0.08 < np.mean([blots(line) > 2 for line in inked]) < 0.25


def test_dots_are_one_or_two_or_a_spatter():
    counts = np.array([blots(image) for image in drawn(RandomMarks(dots=1), BLANK)[..., 0]])
    assert 0.25 < np.mean(counts > 2) < 0.45
    assert 7 < counts.max() <= 10


def test_impulses_are_black_and_white_alike_and_as_many_as_is_said():
    grey = np.full((400, 28, 28, 1), 0.5, np.float32)
    images = drawn(RandomMarks(impulses=1), grey)
    assert set(np.unique(images)) == {0, 0.5, 1}
    share = np.mean(images != 0.5, axis=(1, 2, 3))
    assert 0.01 < share.min() < 0.04
    assert 0.11 < share.max() < 0.16
    assert share.mean() == pytest.approx(0.075, rel=0.1)
    assert np.mean(images == 1) == pytest.approx(np.mean(images == 0), rel=0.05)


def test_blur_spreads_ink_and_keeps_its_sum():
    dot = np.zeros((1, 28, 28, 1), np.float32)
    dot[0, 14, 14] = 1
    blurred = drawn(RandomPhoto(blur=3, chance=1), dot)
    assert blurred.sum() == pytest.approx(1, abs=1e-5)
    assert 0.05 < blurred.max() < 1


def test_a_sweep_draws_a_dot_out_along_a_line_instead_of_a_blur():
    dots = np.zeros((300, 28, 28, 1), np.float32)
    dots[:, 14, 14] = 1
    swept = drawn(RandomPhoto(blur=3, sweep=1), dots)[..., 0]
    np.testing.assert_allclose(swept.sum(axis=(1, 2)), 1, atol=0.15)  # the samples lie between the pixels
    places = np.moveaxis(np.mgrid[:28, :28] - 14.0, 0, -1).reshape(-1, 2)
    spreads = np.stack([np.einsum("p,pa,pb->ab", one.ravel(), places, places) for one in swept])
    across, along = np.sqrt(np.linalg.eigvalsh(spreads)).T
    assert np.median(along / across) > 2
    assert 2.5 < np.min(along) * np.sqrt(12) < np.max(along) * np.sqrt(12) < 7  # a uniform line's length


def test_behind_glass_a_pixel_shows_what_is_a_pixel_away_at_most(digits):
    before, after = as_float(digits)[..., 0], drawn(RandomPhoto(glass=1), digits)[..., 0]
    assert np.all(after <= maximum_filter(before, (1, 3, 3)) + 1e-6)
    assert np.all(after >= minimum_filter(before, (1, 3, 3), mode="constant") - 1e-6)
    assert after.sum() == pytest.approx(before.sum(), rel=0.02)
    assert 0.05 < np.mean(np.abs(after - before)) < 0.15


def test_noise_has_the_deviation_that_is_said():
    flat = np.full((2000, 28, 28, 1), 0.5, np.float32)
    noisy = drawn(RandomPhoto(noise=0.1, chance=1), flat)
    deviation = noisy.std(axis=(1, 2, 3)) / (0.3 + 0.7 * 0.5)
    assert 0.09 < deviation.max() < 0.11
    assert deviation.mean() == pytest.approx(0.05, rel=0.1)  # uniform from 0 to 0.1
