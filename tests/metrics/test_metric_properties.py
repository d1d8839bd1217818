"""What must hold of the metrics whatever the data, and what they refuse."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest

from tenfold import metrics
from tenfold.errors import DTypeError, RangeError, ShapeError

MATRICES = arrays(np.int64, (10, 10), elements=st.integers(0, 500)).filter(lambda m: m.sum() > 0)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999)
)
def test_wilson_interval_is_scipys(counts, level):
    correct, n = counts
    want = binomtest(correct, n).proportion_ci(level, method="wilson")
    found = metrics.wilson_interval(correct, n, level)
    assert found.low == pytest.approx(want.low, abs=1e-12)
    assert found.high == pytest.approx(want.high, abs=1e-12)
    assert 0.0 <= found.low <= correct / n <= found.high <= 1.0


@pytest.mark.parametrize(
    ("correct", "n", "end", "value"), [(0, 10, "low", 0.0), (10, 10, "high", 1.0), (1, 1, "high", 1.0)]
)
def test_wilson_interval_ends_exactly_where_it_must(correct, n, end, value):
    assert getattr(metrics.wilson_interval(correct, n), end) == value


@settings(max_examples=100, deadline=None)
@given(MATRICES)
def test_imbalance_penalises_and_never_rewards(matrix):
    found = metrics.imbalance(matrix)
    assert 0.0 <= found.spread <= 1.0
    assert found.penalised <= metrics.macro_recall(matrix)
    assert found.deviation <= found.spread / 2 + 1e-12  # Popoviciu's inequality


@settings(max_examples=50, deadline=None)
@given(MATRICES, st.permutations(range(10)))
def test_figures_do_not_depend_on_the_names_of_the_digits(matrix, order):
    other = matrix[np.ix_(order, order)]
    assert metrics.macro_recall(other) == pytest.approx(metrics.macro_recall(matrix))
    assert metrics.imbalance(other) == pytest.approx(metrics.imbalance(matrix))
    np.testing.assert_array_equal(metrics.recall(other), metrics.recall(matrix)[list(order)])


def test_equal_recalls_are_not_penalised():
    matrix = np.full((10, 10), 2) + 80 * np.eye(10, dtype=int)
    assert metrics.imbalance(matrix).spread == 0.0
    assert metrics.imbalance(matrix).penalised == pytest.approx(metrics.macro_recall(matrix))


def test_a_predictor_of_one_digit_alone_falls_below_zero():
    matrix = np.zeros((10, 10), dtype=int)
    matrix[:, 1] = 100
    assert metrics.imbalance(matrix).penalised == pytest.approx(0.1 - 0.3)


def test_loss_of_knowing_nothing_is_the_logarithm_of_ten():
    assert metrics.mean_loss(np.arange(10), np.full((10, 10), 0.1)) == pytest.approx(np.log(10))


def test_loss_of_a_digit_ruled_out_is_bounded():
    sure = np.eye(10)[[3, 4]]
    assert metrics.mean_loss([3, 5], sure) == pytest.approx(36.0437 / 2, rel=1e-5)
    assert metrics.ruled_out([3, 5], sure) == 1


def test_perfect_calibration_has_no_error():
    p = np.tile([0.75, 0.25], (8, 1))
    found = metrics.reliability([0, 0, 0, 1, 0, 0, 0, 1], p, bins=10)
    assert found.expected_error == 0.0
    assert found.maximum_error == 0.0


def test_full_confidence_falls_into_the_last_bin():
    found = metrics.reliability([0, 1], np.eye(10)[[0, 0]])
    assert found.counts.tolist() == [0] * 14 + [2]


def test_confidence_on_the_edge_of_two_bins_falls_into_the_lower():
    found = metrics.reliability([0, 1], [[0.5, 0.5], [0.25, 0.75]], bins=4)
    assert found.counts.tolist() == [0, 1, 1, 0]


LABELS, PROBABILITIES = np.arange(10), np.full((10, 10), 0.1)


def wrong_row(**changes):
    p = PROBABILITIES.copy()
    p[2, 0] = changes["value"]
    return p


@pytest.mark.parametrize(
    ("labels", "probabilities", "error", "message"),
    [
        (LABELS, PROBABILITIES[:9], ShapeError, "got 10 labels and 9 rows"),
        (LABELS, PROBABILITIES.ravel(), ShapeError, r"expected \(n, k\).*got shape \(100,\)"),
        (LABELS[:0], PROBABILITIES[:0], ShapeError, r"got shape \(0, 10\)"),
        (LABELS.reshape(2, 5), PROBABILITIES, ShapeError, r"expected one axis \(n,\), got shape \(2, 5\)"),
        (LABELS + 0.0, PROBABILITIES, DTypeError, "expected integers, got float64"),
        (LABELS + 1, PROBABILITIES, RangeError, "expected 0 to 9, got 10"),
        (LABELS - 1, PROBABILITIES, RangeError, "expected 0 to 9, got -1"),
        (LABELS, np.eye(10, dtype=int), DTypeError, "probabilities: expected floats, got int64"),
        (LABELS, wrong_row(value=np.nan), RangeError, "got NaN or infinity in row 2"),
        (LABELS, wrong_row(value=np.inf), RangeError, "got NaN or infinity in row 2"),
        (
            LABELS,
            wrong_row(value=-0.5),
            RangeError,
            "got row 2 with minimum -0.5.*pass probabilities, not logits",
        ),
        (LABELS, wrong_row(value=0.6), RangeError, "got row 2 with minimum 0.1 and sum 1.5"),
    ],
)
@pytest.mark.parametrize("metric", [metrics.mean_loss, metrics.ruled_out, metrics.reliability])
def test_bad_arrays_are_refused_in_one_line(
    refused_in_one_line, metric, labels, probabilities, error, message
):
    with refused_in_one_line(error, message):
        metric(labels, probabilities)


@pytest.mark.parametrize("metric", [metrics.accuracy, metrics.confusion_matrix])
def test_as_many_predictions_as_labels(metric):
    with pytest.raises(ShapeError, match="as many predictions as labels, got 9 and 10"):
        metric(LABELS, LABELS[:9])


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        (np.ones((2, 3), int), ShapeError, r"expected \(k, k\), got shape \(2, 3\)"),
        (np.eye(2) / 2, DTypeError, "expected integer counts, got float64; do not normalise it"),
        (np.zeros((2, 2), int), RangeError, "at least one image"),
        (np.array([[1, -1], [0, 1]]), RangeError, "negative"),
    ],
)
def test_bad_confusion_matrices_are_refused(matrix, error, message):
    with pytest.raises(error, match=message):
        metrics.recall(matrix)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 0), "correct=1, n=0"),
        ((11, 10), "pass counts, not fractions"),
        ((-1, 10), "correct=-1"),
        ((5, 10, 1.0), "level: expected a number between 0 and 1, got 1.0"),
        ((5, 10, 95), "use 0.95 for 95 %"),
    ],
)
def test_bad_counts_are_refused(arguments, message):
    with pytest.raises(RangeError, match=re.escape(message)):
        metrics.wilson_interval(*arguments)


def test_bins_are_at_least_one():
    with pytest.raises(RangeError, match="bins: expected at least 1, got 0"):
        metrics.reliability(LABELS, PROBABILITIES, bins=0)


def test_fifteen_doubtful_labels():
    assert len(set(metrics.DOUBTFUL)) == 15
    keep = metrics.undoubted()
    assert keep.shape == (10_000,)
    assert np.flatnonzero(~keep).tolist() == sorted(metrics.DOUBTFUL)


def test_ten_of_them_are_corrected():
    assert len(metrics.CORRECTED) == 10
    assert set(metrics.CORRECTED) < set(metrics.DOUBTFUL)
    with pytest.raises(RangeError, match="expected the 10,000 of the MNIST test set in order, got others"):
        metrics.corrected(np.arange(10_000) % 10)


@pytest.mark.parametrize("values", [[], [0.5, float("nan")]])
def test_no_mean_of_what_is_missing(values):
    with pytest.raises(RangeError, match="values: expected at least one finite number, got"):
        metrics.mean_interval(values)


@pytest.mark.parametrize("n", [1, 9_999, 10_000, 10_001])
def test_other_labels_are_not_taken_for_the_test_set(n):
    assert not metrics.is_mnist_test(np.arange(n) % 10)
