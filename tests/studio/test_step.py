"""A training step that is opened: its numbers are those of the network."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import ConfigError, TenfoldError
from tenfold.nn import Conv2d, Sequential, SoftmaxCrossEntropy
from tenfold.studio.step import FORMULAS, NETWORKS, SIDE, StepRequest, opened


@pytest.mark.parametrize("name", NETWORKS)
def test_the_numbers_are_those_of_the_network(name):
    found = opened(StepRequest(name, step=3, learning_rate=0.2))
    network = Sequential(NETWORKS[name](), (SIDE, SIDE, 1))
    network.initialise(np.random.default_rng(0), np.float64)
    values = {
        f"{layer['name']}.{part}": np.reshape(one["values"], one["shape"])
        for layer in found["layers"]
        for part, one in layer["parameters"].items()
    }
    network.assign(values)
    x = np.reshape(found["input"]["y"], (-1, SIDE, SIDE, 1))
    loss, labels = SoftmaxCrossEntropy(), np.array(found["labels"])
    logits, backward = network.forward(x, training=True)
    value, loss_backward = loss.forward(logits, labels)
    dx, grads = backward(loss_backward())
    assert found["loss"] == pytest.approx(float(value), rel=1e-4)
    np.testing.assert_allclose(np.ravel(dx), np.ravel(found["input"]["dy"]), rtol=1e-3, atol=1e-6)
    for layer in found["layers"]:
        for part, one in layer["parameters"].items():
            grad = np.ravel(grads[f"{layer['name']}.{part}"])
            np.testing.assert_allclose(one["gradient"], grad, rtol=1e-3, atol=1e-6)
            moved = np.array(one["values"]) - 0.2 * np.array(one["gradient"])
            np.testing.assert_allclose(one["after"], moved, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_begins_where_the_one_before_it_ended(name):
    one, two = opened(StepRequest(name, step=4)), opened(StepRequest(name, step=5))
    for before, after in zip(one["layers"], two["layers"], strict=True):
        for part in before["parameters"]:
            assert before["parameters"][part]["after"] == after["parameters"][part]["values"]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_lowers_the_loss_of_its_minibatch(name):
    found = opened(StepRequest(name, learning_rate=0.01))
    assert found["loss_after"] < found["loss"]


def test_every_layer_has_its_formula_its_derivative_and_its_code():
    kinds = {layer.kind for network in NETWORKS.values() for layer in network().values()}
    assert kinds <= FORMULAS.keys()
    [conv] = [one for one in opened(StepRequest("convolution"))["layers"] if one["kind"] == Conv2d.kind]
    assert conv["code"].startswith("def forward(")
    assert "def backward(dy" in conv["code"]
    assert conv["file"] == "nn/conv.py"


def test_numbers_that_are_not_finite_are_null():
    found = opened(StepRequest("dense", step=200, learning_rate=1000))
    assert found["step"] == 200


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"network": "big"}, "unknown network 'big'"),
        ({"network": 3}, "unknown network"),
        ({"step": 0}, "step: expected a whole number from 1 to 200, got 0"),
        ({"step": 201}, "step: expected a whole number from 1 to 200, got 201"),
        ({"images": 9}, "images: expected a whole number from 1 to 8, got 9"),
        ({"learning_rate": "x"}, "learning_rate: expected a number from 0 to 1000, got 'x'"),
        ({"learning_rate": -1}, "learning_rate: expected a number"),
        ({"steps": 1}, "unknown option 'steps'; did you mean 'step'?"),
        ([], "step: expected options by name, got []"),
    ],
)
def test_a_step_that_cannot_be_is_refused(values, said):
    with pytest.raises(TenfoldError, match=said.replace("[", r"\[").replace("?", r"\?")) as refused:
        StepRequest.of(values)
    assert isinstance(refused.value, ConfigError)


def test_the_studio_answers_it(studio):
    found = studio.post("/api/step", {"network": "dense", "step": 2, "images": 2})
    assert found["labels"] == opened(StepRequest("dense", step=2, images=2))["labels"]
    assert studio.ask("POST", "/api/step", {"step": 0}).status == 422
