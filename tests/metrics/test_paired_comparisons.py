"""Tests of differences, held against enumeration, simulation and SciPy."""

from __future__ import annotations

import re
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tenfold import metrics
from tenfold.errors import DTypeError, RangeError, ShapeError


def by_enumeration(differences):
    """Two-sided p over all ways to choose the signs, counted one by one."""
    sums = [
        sum(sign * d for sign, d in zip(signs, differences, strict=True))
        for signs in product((-1, 1), repeat=len(differences))
    ]
    return np.mean([abs(total) >= abs(sum(differences)) for total in sums])


@pytest.mark.parametrize(("plus", "minus"), [(a, b) for a in range(7) for b in range(7)])
def test_sign_test_counts_the_outcomes(plus, minus):
    n, fewer = plus + minus, min(plus, minus)
    found = metrics.sign_test(plus, minus)
    assert found.p == pytest.approx(by_enumeration([1] * plus + [-1] * minus))
    assert found.mid_p == pytest.approx((2 * sum(comb(n, k) for k in range(fewer)) + comb(n, fewer)) / 2**n)
    assert found.p == pytest.approx(stats.binomtest(plus, n).pvalue if n else 1.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-4, 4), max_size=11))
def test_sign_flips_are_all_counted(differences):
    found = metrics.sign_flip_test(np.array(differences, dtype=np.int64))
    assert found == pytest.approx(by_enumeration(differences))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=400))
def test_with_one_seed_flipping_signs_is_mcnemar(pairs):
    a, b = np.array(pairs).T
    found = metrics.mcnemar(a, b)
    assert (found.both, found.only_a, found.only_b) == ((a & b).sum(), (a & ~b).sum(), (b & ~a).sum())
    assert found.p == pytest.approx(metrics.sign_flip_test(a.astype(int) - b.astype(int)))
    assert (found.p, found.mid_p) == metrics.sign_test(found.only_a, found.only_b)[2:]


def test_mcnemar_knows_no_first_and_second():
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 500)) < 0.1
    one, other = metrics.mcnemar(a, b), metrics.mcnemar(b, a)
    assert (one.only_a, one.only_b) == (other.only_b, other.only_a)
    assert one.p == other.p


def test_many_images_and_seeds_do_not_lose_the_tail():
    """A p far below the rounding of 1 - p, and one for thousands of errors."""
    assert metrics.sign_flip_test([1] * 200) == pytest.approx(2.0**-199)
    rng = np.random.default_rng(2)
    differences = rng.integers(-5, 6, 2000)
    z = differences.sum() / np.sqrt((differences**2).sum())
    assert metrics.sign_flip_test(differences) == pytest.approx(2 * stats.norm.sf(abs(z)), abs=0.01)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=20).filter(lambda d: np.std(d) > 1e-6))
def test_paired_t_is_scipys(differences):
    found = metrics.paired_t(differences, level=0.9)
    want = stats.ttest_rel(differences, np.zeros(len(differences)))
    assert found.p == pytest.approx(want.pvalue, abs=1e-9)
    assert found.t == pytest.approx(want.statistic)
    assert found.interval == pytest.approx(want.confidence_interval(0.9), abs=1e-12)


@pytest.mark.parametrize("sizes", [(2, 2), (2, 9), (10, 5)])
def test_welchs_t_is_scipys(sizes):
    rng = np.random.default_rng(sum(sizes))
    a, b = (rng.normal(place, 1 + place, n) for place, n in enumerate(sizes))
    found, want = metrics.welch_t(a, b), stats.ttest_ind(a, b, equal_var=False)
    assert (found.t, found.p) == pytest.approx((want.statistic, want.pvalue))
    assert found.interval == pytest.approx(tuple(want.confidence_interval(0.95)))
    assert found.mean == pytest.approx(a.mean() - b.mean())
    assert found.sd == pytest.approx(np.sqrt(a.var(ddof=1) + b.var(ddof=1)))


def test_welchs_t_against_a_group_that_does_not_vary_is_students():
    values = np.array([0.1, 0.4, 0.3])
    found, want = metrics.welch_t(values, [0.1, 0.1]), metrics.paired_t(values - 0.1)
    assert (found.t, found.p, *found.interval) == pytest.approx((want.t, want.p, *want.interval))


@pytest.mark.parametrize(("other", "p"), [(0.1, 1.0), (0.3, None)])
def test_two_groups_that_do_not_vary_show_no_spread(other, p):
    found = metrics.welch_t([0.1] * 3, [other] * 5)
    assert (found.sd, found.p, found.interval) == (0.0, p, (found.mean, found.mean))


@pytest.mark.parametrize(("value", "t", "p"), [(0.0, 0.0, 1.0), (0.1, None, None)])
def test_equal_differences_show_no_spread(value, t, p):
    found = metrics.paired_t([value] * 3)
    assert (found.mean, found.sd, found.t, found.p) == (value, 0.0, t, p)
    assert found.interval == (value, value)


@pytest.mark.parametrize(("only_a", "only_b", "images"), [(0.02, 0.03, 5000), (0.004, 0.012, 10_000)])
def test_the_bootstrap_interval_covers_the_truth(only_a, only_b, images):
    """95 of 100 intervals; 400 of them have a standard error of 1.1 points."""
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(400):
        values = rng.choice([1, -1, 0], size=images, p=[only_a, only_b, 1 - only_a - only_b])
        low, high = metrics.bootstrap_interval(values, rng, resamples=1000)
        inside += low <= only_a - only_b <= high
    assert 0.915 <= inside / 400 <= 0.98


def test_the_bootstrap_interval_is_that_of_drawing_images():
    """Values drawn one by one, as in the definition, against counts of equal ones."""
    rng = np.random.default_rng(4)
    values = rng.integers(-3, 4, 300) / 3
    drawn = rng.choice(values, size=(20_000, 300)).mean(axis=1)
    found = metrics.bootstrap_interval(values, rng, resamples=20_000, level=0.8)
    assert found == pytest.approx(np.quantile(drawn, [0.1, 0.9]), abs=0.004)


def test_the_same_generator_gives_the_same_interval():
    values = np.random.default_rng(5).standard_normal(1200)  # as many values as images: drawn in blocks
    first, again, other = (
        metrics.bootstrap_interval(values, np.random.default_rng(seed), resamples=900) for seed in (0, 0, 1)
    )
    assert first == again != other


@pytest.mark.parametrize(("only_a", "only_b"), [(0.03, 0.05), (0.004, 0.008), (0.001, 0.004)])
def test_images_needed_give_the_power_asked_for(only_a, only_b):
    """Test sets of the size returned, judged by the exact test, which is a little cautious."""
    unit = 1000
    sizes = [round(unit * share) for share in (only_a, only_b)]
    differences = [1] * sizes[0] + [-1] * sizes[1] + [0] * (unit - sum(sizes))
    n = metrics.images_needed(differences)
    rng = np.random.default_rng(6)
    draws = rng.multinomial(n, [only_a, only_b, 1 - only_a - only_b], size=1500)
    mid_p = {split: metrics.sign_test(*split).mid_p for split in {(int(a), int(b)) for a, b, _ in draws}}
    power = np.mean([mid_p[int(a), int(b)] < 0.05 for a, b, _ in draws])
    assert 0.75 <= power <= 0.86


@pytest.mark.parametrize(("effect", "power"), [(0.5, 0.8), (1.5, 0.8), (1.0, 0.9)])
def test_seeds_needed_give_the_power_asked_for(effect, power):
    n = metrics.seeds_needed(effect, 1.0, power=power)
    rng = np.random.default_rng(7)

    def found(size):
        samples = rng.normal(effect, 1.0, (20_000, size))
        return np.mean(stats.ttest_1samp(samples, 0.0, axis=1).pvalue < 0.05)

    assert found(n) > power - 0.012
    assert found(n - 1) < power + 0.012


def test_more_is_needed_for_less():
    images = [metrics.images_needed([1] * k + [-1] * 20 + [0] * 9_960) for k in (26, 24, 22)]
    seeds = [metrics.seeds_needed(mean, 1.0) for mean in (1.0, 0.1, 0.01, 0.001)]
    assert images == sorted(images)
    assert seeds == sorted(seeds)
    assert seeds[-1] == pytest.approx(7.849e6, rel=1e-3)  # (1.96 + 0.8416)**2 / effect**2


def test_where_there_is_no_difference_no_number_is_enough():
    assert metrics.images_needed([1, -1, 0, 0]) is None
    assert metrics.images_needed([0, 0]) is None
    assert metrics.images_needed([1 / 3, 1 / 3, 1 / 3, -1]) is None
    assert metrics.seeds_needed(0.0, 1.0) is None
    assert metrics.seeds_needed(1.0, 0.0) == 2


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_bonferroni_over_every_family_that_holds_the_test(p):
    """Holm's method is the closure of Bonferroni's: the largest p over all subsets with the test in it."""
    found = metrics.holm(p)
    for i in range(len(p)):
        families = [s for k in range(1, len(p) + 1) for s in combinations(range(len(p)), k) if i in s]
        want = max(min(1.0, len(s) * min(p[j] for j in s)) for s in families)
        assert found[i] == pytest.approx(want)


FLAGS = np.zeros(3, dtype=bool)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: metrics.sign_test(-1, 2), RangeError, "expected counts from 0, got plus=-1, minus=2"),
        (
            lambda: metrics.mcnemar(FLAGS, FLAGS[1:]),
            ShapeError,
            "expected the same number of images twice, got 3 and 2",
        ),
        (lambda: metrics.mcnemar([0, 1], [1, 0]), DTypeError, "expected bool, got int64; pass predictions"),
        (lambda: metrics.mcnemar([FLAGS], [FLAGS]), ShapeError, "expected one axis (n,), got shape (1, 3)"),
        (
            lambda: metrics.sign_flip_test([0.5, 1]),
            DTypeError,
            "expected whole numbers of seeds, got float64",
        ),
        (lambda: metrics.sign_flip_test([[1]]), ShapeError, "expected one axis (n,), got shape (1, 1)"),
        (lambda: metrics.paired_t([1.0]), ShapeError, "expected at least 2 along one axis, got shape (1,)"),
        (lambda: metrics.paired_t([1.0, np.nan]), RangeError, "expected finite numbers, got NaN or infinity"),
        (lambda: metrics.paired_t([True, False]), DTypeError, "differences: expected numbers, got bool"),
        (lambda: metrics.paired_t([1, 2], level=95), RangeError, "got 95; use 0.95 for 95 %"),
        (
            lambda: metrics.bootstrap_interval([1.0], np.random.default_rng(0), resamples=0),
            RangeError,
            "resamples: expected at least 1, got 0",
        ),
        (lambda: metrics.images_needed([1, 0], power=80), RangeError, "power: expected a number between 0"),
        (lambda: metrics.seeds_needed(1.0, -1.0), RangeError, "sd: expected a number from 0, got -1.0"),
        (lambda: metrics.holm([0.1, 1.1]), RangeError, "p: expected numbers from 0 to 1, got 0.1 to 1.1"),
        (lambda: metrics.holm([]), ShapeError, "p: expected at least 1 along one axis, got shape (0,)"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(refused_in_one_line, call, error, message):
    with refused_in_one_line(error, re.escape(message)):
        call()
