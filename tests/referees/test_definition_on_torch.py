"""The definition, unchanged, on PyTorch's CPU tensors gives what it gives on NumPy's arrays."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.backend.arrays import asarray_like, copied, dtype_name, to_numpy
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from tenfold.nn.examples import CLASSES, layer_examples, loss_examples
from tenfold.optim import SGD, Adam, RMSprop

torch = pytest.importorskip("torch", reason="PyTorch is the referee")

LAYERS, LOSSES = layer_examples(), loss_examples()
TOLERANCE = {np.float64: 1e-12, np.float32: 1e-5}
DTYPES = list(TOLERANCE)


def tensors(named):
    return {name: torch.tensor(array) for name, array in named.items()}


def agree(got, want, dtype, what=""):
    assert isinstance(got, torch.Tensor), what
    assert dtype_name(got) == np.dtype(dtype).name, what
    np.testing.assert_allclose(
        to_numpy(got), want, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype], err_msg=what
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, training, dtype):
    layer, shape = LAYERS[name]
    layer.initialise(np.random.default_rng(0), dtype)
    params, state = layer.params, dict(layer.state)
    x = np.random.default_rng(1).standard_normal((4, *shape)).astype(dtype)
    y, backward = layer.forward(x, training=training, rng=np.random.default_rng(2))
    dy = np.random.default_rng(3).standard_normal(y.shape).astype(dtype)
    dx, grads = backward(dy)
    moved = layer.state

    layer.params, layer.state = tensors(params), tensors(state)
    got, backward = layer.forward(torch.tensor(x), training=training, rng=np.random.default_rng(2))
    got_dx, got_grads = backward(torch.tensor(dy))
    agree(got, y, dtype, "y")
    agree(got_dx, dx, dtype, "dx")
    assert got_grads.keys() == grads.keys()
    for what, grad in grads.items():
        agree(got_grads[what], grad, dtype, what)
    for what, value in moved.items():
        agree(layer.state[what], value, dtype, what)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, dtype):
    loss, k = LOSSES[name], CLASSES
    logits = np.random.default_rng(0).standard_normal((4, k)).astype(dtype)
    labels = np.array([0, k - 1, 1, 1])
    value, backward = loss.forward(logits, labels)
    for other in (labels, torch.tensor(labels)):  # labels may stay on the host
        got, got_backward = loss.forward(torch.tensor(logits), other)
        agree(got, value, dtype)
        agree(got_backward(), backward(), dtype)


@pytest.mark.parametrize(
    "optimizer", [SGD(0.1, 0.9, True, 0.1), RMSprop(0.1, weight_decay=0.1), Adam(0.1)], ids=repr
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_training_a_network(optimizer, dtype):
    layers = {
        "conv": Conv2d(1, 2, 3),
        "relu": ReLU(),
        "norm": BatchNorm(2),
        "pool": MaxPool2d(2),
        "drop": Dropout(0.5),
        "flatten": Flatten(),
        "fc": Dense(8, 3),
    }
    network, loss = Sequential(layers, input_shape=(6, 6, 1)), SoftmaxCrossEntropy()
    images = np.random.default_rng(1).standard_normal((6, 6, 6, 1)).astype(dtype)
    labels = np.array([0, 1, 2, 0, 1, 2])

    def train(x):
        state, rng = optimizer.init(network.params), np.random.default_rng(2)
        for _ in range(3):
            logits, backward = network.forward(x, training=True, rng=rng)
            _, loss_backward = loss.forward(logits, labels)
            params, state = optimizer.update(network.params, backward(loss_backward())[1], state, rate=0.01)
            network.assign(params)
        return network.params, network.state, network.infer(x)

    network.initialise(0, dtype)
    start = tensors(network.params), tensors(network.state)
    params, state, logits = train(images)
    network.load(*start)
    got_params, got_state, got_logits = train(torch.tensor(images))
    for what, value in (params | state).items():
        agree((got_params | got_state)[what], value, dtype, what)
    agree(got_logits, logits, dtype)


def test_array_helpers():
    x = torch.tensor([1.0, 2.0])
    assert dtype_name(x) == "float32"
    agree(asarray_like(np.array([True, False]), x, dtype=x.dtype), [1, 0], np.float32)
    y = copied(x)
    y[0] = 7
    np.testing.assert_array_equal(to_numpy(x), [1, 2])
