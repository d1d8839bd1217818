"""What a recogniser says: the network that comes with tenfold, and models that were not made to refuse."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest

from tenfold.data import load_corpus
from tenfold.errors import CheckpointError
from tenfold.predict.recogniser import SHIPPED, THRESHOLD, Recogniser, shipped
from tenfold.zoo import build, load_model
from tenfold.zoo.open_set import OpenSetCalibration


@pytest.fixture(scope="module")
def test_images():
    return load_corpus("mnist-5k").test


def glyph(*strokes):
    """Straight strokes, each from one (row, column) to another, three pixels wide."""
    image = np.zeros((28, 28), np.uint8)
    for (y0, x0), (y1, x1) in strokes:
        for t in np.linspace(0, 1, 60):
            y, x = round(y0 + t * (y1 - y0)), round(x0 + t * (x1 - x0))
            image[y - 1 : y + 2, x - 1 : x + 2] = 255
    return image


NO_DIGITS = {
    "a cross": glyph(((14, 5), (14, 22)), ((5, 14), (22, 14))),
    "an A": glyph(((22, 6), (5, 14)), ((5, 14), (22, 22)), ((16, 9), (16, 19))),
    "an M": glyph(((22, 6), (5, 6)), ((5, 6), (14, 14)), ((14, 14), (5, 22)), ((5, 22), (22, 22))),
    "an E": glyph(((5, 8), (22, 8)), ((5, 8), (5, 19)), ((14, 8), (14, 17)), ((22, 8), (22, 19))),
    "an equals sign": glyph(((10, 5), (10, 22)), ((18, 5), (18, 22))),
    "a full square": np.pad(np.full((20, 20), 255, np.uint8), 4),
    "noise": np.pad(np.random.default_rng(0).integers(0, 256, (20, 20), np.uint8), 4),
}


def test_it_reads_digits_and_is_rarely_sure_of_what_is_wrong(test_images):
    predictions = shipped().predict(test_images.images)
    right = predictions.probabilities.argmax(axis=1) == test_images.labels
    assert right.mean() >= 0.99
    assert np.mean(predictions.doubt > shipped().threshold) <= 0.02
    assert np.mean((predictions.doubt < 0.05) & ~right) <= 0.002


@pytest.mark.fault("own pictures", "an image shows no digit", "no confident digit")
@pytest.mark.parametrize("name", NO_DIGITS)
def test_it_refuses_what_is_no_digit(name):
    assert shipped().predict(NO_DIGITS[name][None]).doubt[0] > shipped().threshold


def test_probabilities_add_up_and_doubt_is_at_least_what_they_leave(test_images):
    predictions = shipped().predict(test_images.images[:100])
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1, rtol=1e-12)
    assert np.all(predictions.doubt >= 1 - predictions.probabilities.max(axis=1) - 1e-12)
    assert np.all((predictions.doubt >= 0) & (predictions.doubt <= 1))


def test_no_digit_has_a_probability_of_its_own(test_images):
    """The referee is the formula of the loss: an eleventh output that is always 0."""
    model = build("nn1l")
    model.network.initialise(0)
    model.calibration = OpenSetCalibration(0.5, 0.5)
    images = test_images.images[:50]
    powers = np.exp(model.logits(images).astype(float) / 0.5)
    np.testing.assert_allclose(
        Recogniser.of(model).predict(images).none, 1 / (1 + powers.sum(axis=1)), rtol=1e-4
    )


def test_a_model_without_calibration_knows_no_image_without_a_class(test_images):
    model = build("nn1l")
    model.network.initialise(0)
    np.testing.assert_allclose(Recogniser.of(model).predict(test_images.images[:50]).none, 0, atol=1e-12)


def test_images_are_judged_alike_one_by_one_and_together(test_images):
    together = shipped().predict(test_images.images[:20])
    for i in range(20):
        alone = shipped().predict(test_images.images[i : i + 1])
        np.testing.assert_allclose(alone.probabilities[0], together.probabilities[i], atol=1e-5)
        np.testing.assert_allclose(alone.doubt[0], together.doubt[i], atol=1e-5)


def test_no_images_are_no_trouble():
    predictions = shipped().predict(np.zeros((0, 28, 28), np.uint8))
    assert (predictions.probabilities.shape, predictions.doubt.shape) == ((0, 10), (0,))
    assert predictions.none.shape == (0,)


def test_the_model_alone_says_the_same(test_images):
    images = test_images.images[:10]
    recogniser = shipped()
    np.testing.assert_allclose(
        recogniser.model.predict_proba(images), recogniser.predict(images).probabilities, atol=1e-12
    )


def test_a_model_without_calibration_doubts_by_its_softmax(test_images):
    model = build("nn1l")
    model.network.initialise(0)
    recogniser = Recogniser.of(model)
    predictions = recogniser.predict(test_images.images[:10])
    assert recogniser.threshold == THRESHOLD
    np.testing.assert_allclose(predictions.doubt, 1 - predictions.probabilities.max(axis=1))


def test_a_model_with_calibration_brings_its_threshold(test_images):
    model = build("nn1l")
    model.network.initialise(0)
    model.calibration = OpenSetCalibration(2.0, 0.125)
    recogniser = Recogniser.of(model)
    assert recogniser.threshold == 0.125
    logits = model.logits(test_images.images[:10])
    np.testing.assert_allclose(
        recogniser.predict(test_images.images[:10]).doubt, model.calibration.doubts(logits), atol=1e-6
    )


def test_it_is_loaded_once_and_without_what_training_alone_needs():
    assert shipped() is shipped()
    code = (
        "import sys; from tenfold.predict.recogniser import shipped; shipped(); "
        "others = 'torch', 'sklearn', 'matplotlib', 'tenfold.backend.drawing.pen'; "
        "print([m for m in others if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.fault("checkpoints", "the model's weights are damaged", "rejected by name")
def test_damaged_weights_are_refused_in_one_line(tmp_path):
    copy = tmp_path / "shipped"
    shutil.copytree(SHIPPED, copy)
    weights = copy / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-5] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"weights\.safetensors"):
        load_model(copy)
