"""Every metric against scikit-learn, on predictors of many kinds."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as referee
from sklearn.calibration import calibration_curve

from tenfold import metrics


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def predictions(kind):
    """Labels (n,) and probabilities (n, 10) of a predictor of some kind."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 10, size=600)
    if kind == "digits absent":
        labels = rng.choice([1, 2, 7], size=600)
    skill = {"good": 5.0, "poor": 0.5, "overconfident": 40.0, "digits absent": 2.0}.get(kind, 2.0)
    logits = rng.standard_normal((600, 10)) * (10 if kind == "overconfident" else 1)
    logits[np.arange(600), labels] += skill
    probabilities = softmax(logits)
    if kind == "fifths":  # five nearest neighbours: many exact zeros, many ties
        votes = rng.multinomial(5, probabilities)
        probabilities = votes / 5.0
    if kind == "never says 3":
        probabilities[:, 3] = 0.0
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    if kind == "all wrong":
        probabilities = np.eye(10)[(labels + 1) % 10]
    if kind == "all right":
        probabilities = np.eye(10)[labels]
    if kind == "one image":
        labels, probabilities = labels[:1], probabilities[:1]
    if kind == "float32":
        probabilities = probabilities.astype(np.float32)
    return labels, probabilities


KINDS = [
    "good",
    "poor",
    "overconfident",
    "digits absent",
    "fifths",
    "never says 3",
    "all wrong",
    "all right",
    "one image",
    "float32",
]


@pytest.fixture(params=KINDS)
def case(request):
    return predictions(request.param)


@pytest.fixture
def matrix(case):
    labels, probabilities = case
    return metrics.confusion_matrix(labels, probabilities.argmax(axis=1))


def test_accuracy(case):
    labels, probabilities = case
    read = probabilities.argmax(axis=1)
    assert metrics.accuracy(labels, read) == referee.accuracy_score(labels, read)


def test_confusion_matrix(case, matrix):
    labels, probabilities = case
    want = referee.confusion_matrix(labels, probabilities.argmax(axis=1), labels=range(10))
    np.testing.assert_array_equal(matrix, want)
    assert matrix.dtype == np.int64


@pytest.mark.parametrize("name", ["recall", "precision"])
def test_by_digit(case, matrix, name):
    labels, probabilities = case
    score = getattr(referee, f"{name}_score")
    want = score(labels, probabilities.argmax(axis=1), labels=range(10), average=None, zero_division=np.nan)
    np.testing.assert_allclose(getattr(metrics, name)(matrix), want, rtol=1e-15)


def test_macro_recall_is_the_mean_over_digits_that_occur(case, matrix):
    labels, probabilities = case
    want = referee.recall_score(
        labels, probabilities.argmax(axis=1), labels=np.unique(labels), average="macro", zero_division=0
    )
    assert metrics.macro_recall(matrix) == pytest.approx(want, rel=1e-14)


def test_mean_loss(case):
    labels, probabilities = case
    p = probabilities.astype(np.float64)
    want = referee.log_loss(labels, p / p.sum(axis=1, keepdims=True), labels=range(10))
    assert metrics.mean_loss(labels, probabilities) == pytest.approx(want, rel=1e-6, abs=1e-15)


def test_ruled_out_counts_the_true_digits_without_probability(case):
    labels, probabilities = case
    want = sum(probabilities[i, label] < 2.2e-16 for i, label in enumerate(labels))
    assert metrics.ruled_out(labels, probabilities) == want


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_reliability_bins(case, bins):
    labels, probabilities = case
    found = metrics.reliability(labels, probabilities, bins=bins)
    confidence = np.minimum(probabilities.astype(np.float64).max(axis=1), 1.0)
    right = probabilities.argmax(axis=1) == labels
    accuracy, mean_confidence = calibration_curve(right, confidence, n_bins=bins, pos_label=True)
    held = found.counts > 0
    np.testing.assert_allclose(found.accuracy[held], accuracy, rtol=1e-14)
    np.testing.assert_allclose(found.confidence[held], mean_confidence, rtol=1e-12)
    assert found.counts.sum() == len(labels)
    assert np.isnan(found.accuracy[~held]).all()
    gaps = np.abs(accuracy - mean_confidence)
    assert found.expected_error == pytest.approx(np.average(gaps, weights=found.counts[held]), abs=1e-14)
    assert found.maximum_error == pytest.approx(gaps.max(), abs=1e-14)


def test_imbalance_by_hand(matrix):
    occurring = [row[i] / row.sum() for i, row in enumerate(matrix) if row.sum()]
    spread, deviation, penalised = metrics.imbalance(matrix)
    assert spread == pytest.approx(max(occurring) - min(occurring))
    assert deviation == pytest.approx(np.std(occurring))
    assert penalised == pytest.approx(np.mean(occurring) - np.std(occurring))
