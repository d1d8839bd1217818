"""Digits as other countries write them, and the table of signs that are none."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.backend.drawing.glyphs import DIGITS, FIRST_DIGITS, SIGNS, tables
from tenfold.data import NO_DIGIT, RandomStyles, as_float, load_corpus

ALTERED = (0, 1, 2, 7, 9)


@pytest.fixture(scope="module")
def before_and_after():
    """200 each of the digits that have styles and 20 of the others; before, after, labels."""
    train = load_corpus("mnist-5k").train
    digits = train.subset(
        np.concatenate([np.flatnonzero(train.labels == d)[: 200 if d in ALTERED else 20] for d in range(10)])
    )
    styles = RandomStyles(1, written=0)
    after, labels = styles.examples(digits.images, digits.labels, np.random.default_rng(0))
    np.testing.assert_array_equal(labels, digits.labels)
    return as_float(digits.images)[..., 0], after[..., 0], labels


def of(digit, before_and_after):
    before, after, labels = before_and_after
    return before[labels == digit], after[labels == digit]


def test_only_some_digits_have_additions(before_and_after):
    before, after, labels = before_and_after
    changed = np.any(before != after, axis=(1, 2))
    assert not changed[~np.isin(labels, ALTERED)].any()
    assert changed[np.isin(labels, (1, 2, 7, 9))].all()
    assert np.all(after[labels != 2] >= before[labels != 2])


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
    styles = RandomStyles(1, written=0)
    after, _ = styles.examples(zeros[..., None], np.zeros(100, np.int64), np.random.default_rng(0))
    changed = np.any(after[..., 0] != zeros, axis=(1, 2))
    np.testing.assert_array_equal(changed, np.repeat([True, False], 50))


def test_upstrokes_of_ones_are_short_or_reach_down_to_the_foot(before_and_after):
    before, after = of(1, before_and_after)
    added = (after - before) > 0.5
    added[:, 20:] = False  # bases
    lowest = np.array([np.flatnonzero(one.any(axis=1)).max(initial=-1) for one in added])
    assert np.mean(lowest == 19) > 0.1
    assert np.mean((lowest > 4) & (lowest < 14)) > 0.2


def test_the_base_of_a_two_is_faint_and_not_gone(before_and_after):
    before, after = of(2, before_and_after)
    assert np.all(after <= before)
    assert np.all(after >= 0.25 * before - 1e-6)
    np.testing.assert_array_equal(after[:, :14], before[:, :14])


def test_the_hook_of_a_nine_leads_left_from_its_foot(before_and_after):
    before, after = of(9, before_and_after)
    added = after - before
    assert np.all(added[:, :14].sum(axis=(1, 2)) < added[:, 14:].sum(axis=(1, 2)))
    x = np.arange(28)
    middle = [np.sum(one.sum(axis=0) * x) / one.sum() for one in added]
    feet = [np.sum(one[22] * x) / one[22].sum() for one in before if one[22].sum() > 1]
    assert np.mean(middle) < np.mean(feet) - 2


def test_a_digit_that_is_written_anew_is_a_form_of_the_same_digit():
    """Without the form's number, only the image can tell: the same form is drawn from a blank digit."""
    labels = np.repeat(np.arange(10), 40)
    bars = np.zeros((400, 28, 28), np.uint8)
    bars[:, 4:24, 12:16] = 255
    after, same = RandomStyles(1, written=1).examples(bars, labels, np.random.default_rng(0))
    np.testing.assert_array_equal(same, labels)
    assert np.all(np.any(after[..., 0] != as_float(bars)[..., 0], axis=(1, 2)))
    spread = [after[labels == digit, :, :, 0].std(axis=0).mean() for digit in range(10)]
    assert min(spread) > 0.05  # no two alike


def test_each_digit_has_several_forms_and_none_is_a_sign():
    assert len(FIRST_DIGITS) == 11
    assert FIRST_DIGITS[-1] == len(DIGITS) == len(set(DIGITS))
    assert np.diff(FIRST_DIGITS).min() >= 4
    assert not set(DIGITS) & set(SIGNS)


def test_an_image_without_a_digit_keeps_every_bit():
    images = load_corpus("mnist-5k").train.images[:50]
    after, _ = RandomStyles(1, written=1).examples(
        images, np.full(50, NO_DIGIT, np.int64), np.random.default_rng(0)
    )
    np.testing.assert_array_equal(after, as_float(images))


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
