"""Going on from a trained network: better on somebody's own pictures, no worse on MNIST; calibrated."""

from __future__ import annotations

import json

import numpy as np

from tenfold.backend.bilinear import bilinear
from tenfold.cli import main
from tenfold.data import Dataset, as_float, load_corpus, mnist_style
from tenfold.data.augment.random_affine import AffineParameters
from tenfold.predict.calibrating import calibrate, hold_out_for_calibration, recalibrate
from tenfold.predict.fine_tuning import fine_tune
from tenfold.predict.recogniser import shipped
from tenfold.zoo import load_model


def odd_hand(digits):
    """Digits of somebody who turns the page by 50 degrees."""
    turned = np.full(len(digits), -50.0)
    amounts = AffineParameters(np.ones((len(digits), 2)), 0 * turned, turned, np.zeros((len(digits), 2)))
    images = bilinear(as_float(digits.images).astype(float), amounts.matrices(28, 28))[..., 0]
    return Dataset(np.stack([mnist_style(image) for image in images]), digits.labels, "odd hand")


def accuracy(model, digits):
    return float(np.mean(model.predict(digits.images) == digits.labels))


def test_a_hundred_pictures_of_an_odd_hand_help_and_mnist_is_not_forgotten():
    mnist = load_corpus("mnist-5k")
    own, others = odd_hand(mnist.train.subset(slice(0, 100))), mnist.train.subset(slice(100, 1100))
    strange, before = odd_hand(mnist.test), shipped().model
    was = accuracy(before, strange), accuracy(before, mnist.test)
    tuned = fine_tune("shipped", own, epochs=3, others=others)
    now = accuracy(tuned, strange), accuracy(tuned, mnist.test)
    assert now[0] > was[0] + 0.1, (was, now)
    assert now[1] > was[1] - 0.01, (was, now)
    assert tuned.calibration == before.calibration
    assert accuracy(shipped().model, strange) == was[0]  # it stays as it was


def test_what_refuses_is_calibrated_where_there_are_enough_pictures():
    mnist = load_corpus("mnist-5k")
    own, others = mnist.train.subset(slice(0, 1200)), mnist.train.subset(slice(1200, 1300))
    tuned = fine_tune("shipped", own, epochs=1, others=others)
    _, held = hold_out_for_calibration(tuned.recipe, own, 0)
    assert tuned.calibration == calibrate(tuned, held, tuned.recipe.augmentation)
    assert tuned.calibration != shipped().model.calibration
    assert recalibrate(tuned, held, 0) == (
        f"temperature {tuned.calibration.temperature:.3f} and threshold {tuned.calibration.threshold:.3f} "
        "were chosen on 200 images that were held out"
    )


def test_a_training_from_the_start_is_calibrated_too_and_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tenfold.predict.calibrating.ENOUGH", 200)
    out = tmp_path / "run"
    arguments = ["train", "reader", "--data", "mnist-5k", "--epochs", "1", "--out", str(out), "--no-report"]
    assert main([*arguments, "--quiet"]) == 0
    [line] = capsys.readouterr().err.splitlines()
    assert "were chosen on 667 images that were held out" in line
    assert line in json.loads((out / "run.json").read_text())["notices"]
    found = load_model(out).calibration
    assert f"temperature {found.temperature:.3f} and threshold {found.threshold:.3f} were" in line
