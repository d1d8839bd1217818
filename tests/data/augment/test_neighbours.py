"""What lies beside a digit that keeps its label, and what a wrong cut leaves, which has none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label as components

from tenfold.data import NO_DIGIT, Negatives, RandomNeighbours, as_float, load_corpus


@pytest.fixture(scope="module")
def digits():
    train = load_corpus("mnist-5k").train
    return train.subset(np.random.default_rng(0).permutation(len(train))[:400])


def drawn(piece, images, labels):
    return piece.examples(images, labels, np.random.default_rng(0))


@pytest.mark.parametrize("piece", [RandomNeighbours(stops=1), RandomNeighbours(rules=1)])
def test_stops_and_rules_only_add_ink_and_less_than_the_digit_has(piece, digits):
    before = as_float(digits.images)
    after, labels = drawn(piece, digits.images, digits.labels)
    np.testing.assert_array_equal(labels, digits.labels)
    assert np.all(after >= before)
    added = (after - before).sum(axis=(1, 2, 3))
    assert np.mean(added > 0.5) > 0.9
    assert np.mean(added < before.sum(axis=(1, 2, 3))) > 0.95


def test_a_scrap_leaves_the_digit_whole(digits):
    """The digit may move to make room; ink is added, and no more than a third of the digit's as a rule."""
    before = as_float(digits.images).sum(axis=(1, 2, 3))
    after = drawn(RandomNeighbours(scraps=1), digits.images, digits.labels)[0].sum(axis=(1, 2, 3))
    assert np.all(after >= before - 1e-3)
    assert np.mean(after > before + 0.5) > 0.6
    assert np.mean(after < 4 / 3 * before) > 0.9


def test_scraps_come_from_all_four_sides(digits):
    after, _ = drawn(RandomNeighbours(scraps=1), digits.images, digits.labels)
    inked = after[..., 0] > 0.5
    for edge in (inked[:, :, 1], inked[:, :, -2], inked[:, 1], inked[:, -2]):
        assert np.any(edge)


def test_nothing_that_is_straight_touches_a_one(digits):
    """A 1 on a line would be a 1 still; with a bar at its top it would be a 7."""
    ones = np.zeros((300, 28, 28), np.uint8)
    ones[:, 4:24, 13:15] = 255
    after, _ = drawn(RandomNeighbours(rules=1), ones, np.ones(300, np.int64))
    parts = [components(image > 0.3, np.ones((3, 3)))[1] for image in after[..., 0]]
    assert np.mean(np.array(parts) >= 2) > 0.8
    assert np.all(after[:, :4] == 0)


def test_images_without_a_digit_keep_every_bit(digits):
    none = np.full(len(digits), NO_DIGIT, np.int64)
    after, labels = drawn(RandomNeighbours(scraps=0.4, stops=0.3, rules=0.3), digits.images, none)
    np.testing.assert_array_equal(after, as_float(digits.images))
    np.testing.assert_array_equal(labels, none)


def test_some_negatives_are_two_digits_in_one_box(digits, monkeypatch):
    """Of two bars, side by side or cut: two marks, lower than one alone, and in the middle."""
    from tenfold.backend.drawing.negatives import PAIR

    monkeypatch.setattr(
        "tenfold.data.augment.negatives._PROBABILITIES", tuple(float(kind == PAIR) for kind in range(9))
    )
    bars = np.zeros((300, 28, 28), np.uint8)
    bars[:, 4:24, 9:19] = 255
    images, labels = drawn(Negatives(1), bars, np.zeros(300, np.int64))
    assert np.all(labels == NO_DIGIT)
    parts = np.array([components(image > 0.5)[1] for image in images[..., 0]])
    assert np.all((parts == 1) | (parts == 2))
    assert 0.2 < np.mean(parts == 2) < 0.6
    columns = images[..., 0].max(axis=1) > 0.3
    assert np.all(columns.argmax(axis=1) >= 2)
    assert np.all(columns[:, ::-1].argmax(axis=1) >= 2)
