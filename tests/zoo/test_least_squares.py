"""Ridge regression in closed form, against scikit-learn's; the search; probabilities from its outputs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from tenfold.data import Corpus, load_corpus
from tenfold.zoo import build
from tenfold.zoo.least_squares import COEFFICIENTS, Moments, fit_ridge
from tenfold.zoo.model_input import as_rows
from tenfold.zoo.network import indicator_probabilities


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


def pixels(rows: np.ndarray) -> np.ndarray:
    return rows


def bent(rows: np.ndarray) -> np.ndarray:
    return np.maximum(rows[:, ::7] - 0.3, 0)


@pytest.mark.parametrize("coefficient", [0.5, 30.0, 4096.0])
@pytest.mark.parametrize("features", [pixels, bent])
def test_weights_and_biases_are_those_of_scikit_learn(features, coefficient: float, corpus: Corpus) -> None:
    train = corpus.train.subset(slice(0, 600))
    found = Moments.of(train, features).solver()(coefficient)
    referee = Ridge(coefficient, solver="cholesky").fit(
        features(as_rows(train.images)), np.eye(10)[train.labels]
    )
    np.testing.assert_allclose(found.weights, referee.coef_.T, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.biases, referee.intercept_, rtol=1e-6, atol=1e-9)


def test_a_huge_ridge_leaves_the_biases_alone(corpus: Corpus) -> None:
    found = Moments.of(corpus.train, pixels).solver()(1e15)
    np.testing.assert_allclose(found.weights, 0, atol=1e-9)
    np.testing.assert_allclose(found.biases, np.bincount(corpus.train.labels) / len(corpus.train), rtol=1e-6)


def test_moments_of_parts_add_up_to_those_of_the_whole(corpus: Corpus) -> None:
    train = corpus.train
    first, second = (Moments.of(train.subset(part), pixels) for part in (slice(0, 999), slice(999, None)))
    parts, whole = first + second, Moments.of(train, pixels)
    for name in ("n", "x", "y", "xx", "xy"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-12, err_msg=name)


def test_the_coefficient_is_the_best_for_the_images_held_out(corpus: Corpus) -> None:
    train, validation = corpus.train.subset(slice(0, 1500)), corpus.train.subset(slice(1500, 2500))
    rows, targets = as_rows(train.images), np.eye(10)[train.labels]
    right = [
        (
            Ridge(c, solver="cholesky").fit(rows, targets).predict(as_rows(validation.images)).argmax(axis=1)
            == validation.labels
        ).sum()
        for c in COEFFICIENTS[5:]
    ]
    best = max(range(len(right)), key=lambda i: (right[i], i)) + 5
    assert 5 < best < len(COEFFICIENTS) - 1  # neither end of the search
    found = fit_ridge(train, validation, pixels)
    assert found.coefficient == COEFFICIENTS[best]
    both = corpus.train.subset(slice(0, 2500))
    np.testing.assert_allclose(
        found.weights, Moments.of(both, pixels).solver()(found.coefficient).weights, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("name", ["ridge-linear", "elm-500"])
def test_it_recognises_digits_and_repeats_itself(name: str, corpus: Corpus) -> None:
    first, second, other = build(name), build(name), build(name)
    for model, seed in ((first, 1), (second, 1), (other, 2)):
        model.fit(corpus.train, seed=seed)
    answers = [model.predict_proba(corpus.test.images) for model in (first, second, other)]
    np.testing.assert_array_equal(answers[0], answers[1])
    assert abs(answers[0] - answers[2]).max() > 0 or name == "ridge-linear"
    accuracy = (answers[0].argmax(axis=1) == corpus.test.labels).mean()
    assert accuracy > {"ridge-linear": 0.8, "elm-500": 0.84}[name]


def test_probabilities_keep_the_outputs_and_their_order() -> None:
    rng = np.random.default_rng(0)
    outputs = rng.uniform(-1, 1, (200, 10))
    outputs[np.arange(200), rng.integers(0, 10, 200)] = 1
    found = indicator_probabilities(outputs)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(found.argsort(axis=1), outputs.argsort(axis=1))
    as_they_stand = np.array([[0.7, 0.3, -5.0], [0.9, 0.1, -9.0]])
    np.testing.assert_allclose(
        indicator_probabilities(as_they_stand), np.maximum(as_they_stand, 0), atol=1e-12
    )


def test_small_outputs_go_on_with_the_same_slope() -> None:
    step = 1e-6
    outputs = np.array([[0.05 - step, 1.0], [0.05, 1.0], [0.05 + step, 1.0]])
    share = indicator_probabilities(outputs)
    odds = share[:, 0] / share[:, 1]
    np.testing.assert_allclose(np.diff(odds), step, rtol=1e-3)


def test_all_negative_outputs_of_a_tanh_are_told_apart() -> None:
    outputs = np.full((1, 10), -0.999)
    outputs[0, 4] = -0.99
    found = indicator_probabilities(outputs)
    assert found.argmax() == 4
    assert np.isfinite(found).all()
