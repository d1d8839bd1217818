"""Which errors are chosen, in which order, and how they are tabulated."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tenfold.evaluate import frequent_pairs, mistakes, pair_mistakes
from tenfold.evaluate.mistakes import mistakes_csv
from tenfold.evaluate.stacks import (
    error_shares_by_actual,
    error_shares_by_predicted,
    stacks_by_actual,
    stacks_by_predicted,
)
from tenfold.metrics import ClassCounts


def test_every_error_and_nothing_else(case):
    index = mistakes(case.data.labels, case.probabilities)
    wrong = np.flatnonzero(case.probabilities.argmax(axis=1) != case.data.labels)
    assert sorted(index) == wrong.tolist()
    assert len(index) == case.evaluation.scores.share.wrong


def test_worst_first(case):
    index = mistakes(case.data.labels, case.probabilities)
    assert np.all(np.diff(case.probabilities[index, case.data.labels[index]]) >= 0)


@pytest.mark.parametrize(
    ("true", "predicted"), [([4, 9], [4, 9]), ([0], None), (None, [3]), ([2], []), ([7], [7])]
)
def test_filters(case, true, predicted):
    labels, p = case.data.labels, case.probabilities
    index = mistakes(labels, p, true=true, predicted=predicted)
    want = [
        i
        for i in range(len(labels))
        if p[i].argmax() != labels[i]
        and (true is None or labels[i] in true)
        and (predicted is None or p[i].argmax() in predicted)
    ]
    assert sorted(index) == want


def test_between_two_digits_goes_both_ways():
    labels = np.array([4, 9, 4, 9, 4])
    p = np.eye(10)[[9, 4, 4, 1, 9]]
    assert pair_mistakes(labels, p, (4, 9)).tolist() == [0, 1, 4]


def test_frequent_pairs_count_errors_only(case):
    matrix = case.evaluation.scores.matrix
    pairs = frequent_pairs(matrix, limit=100)
    assert all(matrix[i, j] == n > 0 and i != j for i, j, n in pairs)
    assert sum(n for _, _, n in pairs) == case.evaluation.scores.share.wrong
    assert [n for _, _, n in pairs] == sorted((n for _, _, n in pairs), reverse=True)


@settings(max_examples=60, deadline=None)
@given(arrays(np.int64, (10, 10), elements=st.integers(0, 30)))
def test_stacks_add_up_to_all_images(matrix):
    for stacks, whole in (
        (stacks_by_actual(ClassCounts.of_matrix(matrix)), matrix.sum(1)),
        (stacks_by_predicted(ClassCounts.of_matrix(matrix)), matrix.sum(0)),
    ):
        for stack in stacks:
            assert stack.images == whole[stack.index]
            parts = [part for _, part in stack.errors]
            assert stack.right + sum(parts) == pytest.approx(1.0 if stack.images else 0.0)
            assert parts == sorted(parts, reverse=True)
            assert stack.index not in [other for other, _ in stack.errors]


@settings(max_examples=60, deadline=None)
@given(arrays(np.int64, (5, 5), elements=st.integers(0, 9)))
def test_shares_of_all_errors_add_up_the_largest_first(matrix):
    wrong = matrix - np.diag(np.diagonal(matrix))
    for shares, whole in (
        (error_shares_by_actual(ClassCounts.of_matrix(matrix)), wrong),
        (error_shares_by_predicted(ClassCounts.of_matrix(matrix)), wrong.T),
    ):
        assert sorted(one.index for one in shares) == list(range(5))
        assert sum(one.share for one in shares) == pytest.approx(1.0 if wrong.any() else 0.0)
        assert [one.images for one in shares] == sorted((one.images for one in shares), reverse=True)
        for one in shares:
            assert one.images == whole[one.index].sum()
            assert dict(one.others) == {j: whole[one.index, j] for j in range(5) if whole[one.index, j]}


def test_csv_has_a_line_an_error(case):
    rows = list(csv.DictReader(io.StringIO(mistakes_csv("m", "d", case.data.labels, case.probabilities))))
    assert [int(row["index"]) for row in rows] == mistakes(case.data.labels, case.probabilities).tolist()
    for row in rows:
        i = int(row["index"])
        assert int(row["true"]) == case.data.labels[i]
        assert int(row["predicted"]) == case.probabilities[i].argmax()
        assert [float(row[f"p{d}"]) for d in range(10)] == pytest.approx(
            case.probabilities[i].tolist(), rel=1e-5
        )


@pytest.mark.fault("trials and reports", "a name is <script> or =cmd", "escaped in HTML and CSV")
@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx"])
def test_formulas_are_defused(name):
    text = mistakes_csv(name, name, np.array([0]), np.array([[0.2, 0.8]]))
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["model"] == row["dataset"] == "'" + name
