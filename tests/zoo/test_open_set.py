"""Outputs to probabilities and doubts, and the choice of temperature and threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tenfold.errors import RangeError
from tenfold.nn import Dense, Flatten, OpenSetCrossEntropy, Sequential, softmax
from tenfold.predict.calibrating import best_temperature, calibrated
from tenfold.zoo import NetworkModel, load_model
from tenfold.zoo.open_set import OpenSetCalibration, open_set


@given(arrays(np.float64, (3, 10), elements=st.floats(-50, 50)))
def test_open_set_is_the_softmax_with_one_more_logit_of_0(logits):
    digits, none = open_set(logits)
    wider = softmax(np.concatenate([logits, np.zeros((3, 1))], axis=1))
    np.testing.assert_allclose(none, wider[:, 10], atol=1e-12)
    np.testing.assert_allclose(digits * (1 - none)[:, None], wider[:, :10], atol=1e-12)
    np.testing.assert_allclose(digits.sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("scale", [-1e4, 1e4])
def test_huge_outputs_neither_overflow_nor_vanish(scale):
    digits, none = open_set(np.array([[scale, 2 * scale]]))
    assert digits.argmax() == (1 if scale > 0 else 0)
    assert none[0] == (0 if scale > 0 else 1)
    assert np.isfinite(digits).all()


def test_doubt_is_what_is_left_of_the_best_digit():
    calibration = OpenSetCalibration(temperature=2.0, threshold=0.5)
    logits = 2 * np.log([[2.0, 1.0, 4.0]])  # odds to none, at this temperature: 2, 1, 4 to 1
    np.testing.assert_allclose(calibration.doubts(logits), [1 - 4 / 8])
    np.testing.assert_allclose(calibration.probabilities(logits), [[2 / 7, 1 / 7, 4 / 7]])


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_labels_is_found(true):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20_000, 4))
    wider = softmax(np.concatenate([logits, np.zeros((20_000, 1))], axis=1))
    labels = (rng.random((20_000, 1)) > wider.cumsum(axis=1)).sum(axis=1)  # drawn with these probabilities
    assert best_temperature(logits * true, labels) == pytest.approx(true, rel=0.05)


def test_the_threshold_refuses_the_share_of_digits_that_was_asked_for():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 11, 5_000)
    logits = rng.normal(-2, 1, (5_000, 10))
    shown = np.flatnonzero(labels < 10)
    logits[shown, labels[shown]] += 6 * rng.random(len(shown))
    found = calibrated(logits, labels, refused=0.1)
    assert np.mean(found.doubts(logits[shown]) > found.threshold) == pytest.approx(0.1, abs=0.001)
    none = found.doubts(logits[labels == 10])
    assert np.mean(none > found.threshold) > 0.1


@pytest.mark.parametrize(
    ("temperature", "threshold", "message"),
    [
        (0.0, 0.5, r"^calibration: temperature: expected a number above 0, got 0\.0; calibrate again$"),
        (float("nan"), 0.5, "temperature: expected a number above 0, got nan"),
        (1.0, 1.5, r"threshold: expected a number from 0 to 1, got 1\.5"),
    ],
)
def test_what_cannot_be_is_refused(temperature, threshold, message):
    with pytest.raises(RangeError, match=message):
        OpenSetCalibration(temperature, threshold)


def test_a_model_keeps_its_calibration_on_disk(tmp_path):
    network = Sequential({"flatten": Flatten(), "fc": Dense(784, 10)}, (28, 28, 1))
    network.initialise(0)
    model = NetworkModel("own", network, calibration=OpenSetCalibration(1.5, 0.25))
    image = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    again = load_model(model.save(tmp_path / "model"))
    assert isinstance(again, NetworkModel)
    assert again.calibration == OpenSetCalibration(1.5, 0.25)
    np.testing.assert_array_equal(again.predict_proba(image), model.predict_proba(image))
    np.testing.assert_allclose(again.predict_proba(image), softmax(model.logits(image) / 1.5), rtol=1e-12)


def test_the_loss_is_least_at_the_temperature_found():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 500)
    logits = rng.normal(0, 2, (500, 3)) + 3 * (labels[:, None] == np.arange(3))
    best = best_temperature(logits, labels)
    tried = (best, best * 0.9, best * 1.1)
    losses = [float(OpenSetCrossEntropy().forward(logits / t, labels)[0]) for t in tried]
    assert losses[0] == min(losses)
