"""Digits as other countries write them, and the table of signs that are none."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.backend.drawing.glyphs import SIGNS, tables
from tenfold.data import RandomStyles, as_float, load_corpus

ALTERED = (0, 1, 4, 7)


@pytest.fixture(scope="module")
def before_and_after():
    """200 each of the digits that have styles and 20 of the others; before, after, labels."""
    train = load_corpus("mnist-5k").train
    digits = train.subset(
        np.concatenate([np.flatnonzero(train.labels == d)[: 200 if d in ALTERED else 20] for d in range(10)])
    )
    after, labels = RandomStyles(1).examples(digits.images, digits.labels, np.random.default_rng(0))
    np.testing.assert_array_equal(labels, digits.labels)
    return as_float(digits.images)[..., 0], after[..., 0], labels


def of(digit, before_and_after):
    before, after, labels = before_and_after
    return before[labels == digit], after[labels == digit]


def test_only_zeros_ones_fours_and_sevens_have_styles(before_and_after):
    before, after, labels = before_and_after
    changed = np.any(before != after, axis=(1, 2))
    assert not changed[~np.isin(labels, ALTERED)].any()
    assert changed[np.isin(labels, (1, 7))].all()
    assert np.all(after[labels != 4] >= before[labels != 4])


def test_a_zero_is_slashed_from_below_left_if_there_is_room(before_and_after):
    before, after = of(0, before_and_after)
    added = after - before
    slashed = added.sum(axis=(1, 2)) > 2
    assert 0.6 < slashed.mean() < 0.95
    y, x = np.mgrid[:28, :28] - 13.5
    assert np.all(np.sum(added[slashed] * y * x, axis=(1, 2)) < 0)


def test_a_zero_without_room_stays_as_it_is():
    y, x = np.mgrid[:28, :28] - 13.5
    away = [np.hypot(y / 9, x / half) for half in (7, 3.5)]
    rings = np.float32(
        [(one < 1) & (np.hypot(y / 7, x / (half - 2)) > 1) for one, half in zip(away, (7, 3.5), strict=True)]
    )
    zeros = np.repeat(rings, 50, axis=0)
    after, _ = RandomStyles(1).examples(zeros[..., None], np.zeros(100, np.int64), np.random.default_rng(0))
    changed = np.any(after[..., 0] != zeros, axis=(1, 2))
    np.testing.assert_array_equal(changed, np.repeat([True, False], 50))


def test_upstrokes_of_ones_are_short_or_reach_down_to_the_foot(before_and_after):
    before, after = of(1, before_and_after)
    added = (after - before) > 0.5
    added[:, 20:] = False  # bases
    lowest = np.array([np.flatnonzero(one.any(axis=1)).max(initial=-1) for one in added])
    assert np.mean(lowest == 19) > 0.1
    assert np.mean((lowest > 4) & (lowest < 14)) > 0.2


def test_some_fours_become_cups(before_and_after):
    before, after = of(4, before_and_after)
    new = np.any(before != after, axis=(1, 2))
    assert 0.3 < new.mean() < 0.5
    cups = after[new]
    assert np.all(cups[:, 22:].sum(axis=(1, 2)) > 0)  # the stem
    assert np.all(cups[:, 20:, :12].sum(axis=(1, 2)) == 0)  # no cup beside it
    left, between = cups[:, 8, 4:11].max(axis=1), cups[:, 7, 12:15].max(axis=1)
    assert np.all((left > 0.5) & (between == 0))  # open above


def test_signs_lie_in_their_box_and_none_comes_twice():
    points, counts, smooth = tables()
    assert len(SIGNS) == len(set(SIGNS)) == len(points) > 100
    drawn = np.arange(points.shape[2]) < counts[..., None]  # (sign, stroke, point)
    assert drawn[:, 0, 1].all()  # at least one stroke of two points
    assert np.all(points[drawn] >= 4)
    assert np.all(points[drawn] <= 23)
    assert np.all(counts[smooth] >= 3)
    for axis in (0, 1):
        least = np.where(drawn, points[..., axis], np.inf).min(axis=(1, 2))
        most = np.where(drawn, points[..., axis], -np.inf).max(axis=(1, 2))
        assert np.mean(most - least > 7) > 0.95
