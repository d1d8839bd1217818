"""The definition on another Array API namespace, which allows nothing beyond the standard.

Once more its arrays cannot be written to, as JAX's cannot.
"""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest

from tenfold.backend.arrays import dtype_name, to_numpy
from tenfold.nn import BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool2d, ReLU, Sequential
from tenfold.nn.examples import CLASSES, layer_examples, loss_examples
from tenfold.optim import SGD, Adam, RMSprop

LAYERS, LOSSES = layer_examples(), loss_examples()
DTYPES = [np.float32, np.float64]


class At:
    """What an immutable array offers instead of being written to, named as in JAX."""

    def __init__(self, array, index=None):
        self.array, self.index = array, index

    def __getitem__(self, index):
        return At(self.array, index)

    def add(self, values):
        changed = to_numpy(self.array).copy()
        changed[self.index] += to_numpy(values)
        return strict.asarray(changed)


@pytest.fixture(autouse=True, params=["writable", "immutable"])
def writing(request, monkeypatch):
    if request.param == "writable":
        return

    def refuse(array, *_):
        raise TypeError("this array is immutable")

    kind = type(strict.asarray(0.0))
    for name in ("__setitem__", *(name for name in vars(kind) if name.startswith("__i") and name[3:] in OPS)):
        monkeypatch.setattr(kind, name, refuse)
    monkeypatch.setattr(kind, "at", property(At), raising=False)


OPS = {f"{name}__" for name in ("add", "sub", "mul", "truediv", "pow", "and", "or", "xor", "matmul")}


@pytest.mark.parametrize("writing", ["immutable"], indirect=True)
def test_immutable_arrays_refuse_to_be_written_to(writing):
    x = strict.zeros(2)
    with pytest.raises(TypeError, match="immutable"):
        x[0] = 1.0
    with pytest.raises(TypeError, match="immutable"):
        x += 1.0


def is_strict(array):
    return hasattr(array, "__array_namespace__") and array.__array_namespace__() is strict


def agree(got, want, dtype):
    assert is_strict(got)
    assert dtype_name(got) == np.dtype(dtype).name
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(to_numpy(got), want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, training, dtype):
    layer, shape = LAYERS[name]
    layer.initialise(np.random.default_rng(0), dtype)
    numpy_params, numpy_state = layer.params, layer.state
    x = np.random.default_rng(1).standard_normal((4, *shape)).astype(dtype)
    y, backward = layer.forward(x, training=training, rng=np.random.default_rng(2))
    dy = np.random.default_rng(3).standard_normal(y.shape).astype(dtype)
    dx, grads = backward(dy)
    after = dict(layer.state)

    layer.initialise(np.random.default_rng(0), dtype)
    layer.params = {k: strict.asarray(a) for k, a in numpy_params.items()}
    layer.state = {k: strict.asarray(a) for k, a in layer.state.items()}
    y2, backward2 = layer.forward(strict.asarray(x), training=training, rng=np.random.default_rng(2))
    dx2, grads2 = backward2(strict.asarray(dy))
    agree(y2, y, dtype)
    agree(dx2, dx, dtype)
    assert grads2.keys() == grads.keys() == numpy_params.keys()
    for what, grad in grads.items():
        agree(grads2[what], grad, dtype)
    assert layer.state.keys() == numpy_state.keys()
    for what, value in after.items():
        agree(layer.state[what], value, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, dtype):
    loss, k = LOSSES[name], CLASSES
    logits = np.random.default_rng(0).standard_normal((4, k)).astype(dtype)
    labels = np.array([0, k - 1, 1, 1])
    value, backward = loss.forward(logits, labels)
    for other in (labels, strict.asarray(labels)):  # labels may stay on the host
        value2, backward2 = loss.forward(strict.asarray(logits), other)
        agree(value2, value, dtype)
        agree(backward2(), backward(), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "optimizer",
    [SGD(0.1), SGD(0.1, 0.9, True, 0.1), RMSprop(0.1, weight_decay=0.1), Adam(0.1, weight_decay=0.1)],
    ids=repr,
)
def test_optimizers(optimizer, dtype):
    rng = np.random.default_rng(0)
    params = {"w": rng.standard_normal((3, 2)).astype(dtype), "b": rng.standard_normal(2).astype(dtype)}
    strict_params = {k: strict.asarray(a) for k, a in params.items()}
    state, strict_state = optimizer.init(params), optimizer.init(strict_params)
    for _ in range(3):
        grads = {k: rng.standard_normal(a.shape).astype(dtype) for k, a in params.items()}
        params, state = optimizer.update(params, grads, state, rate=0.05)
        strict_grads = {k: strict.asarray(a) for k, a in grads.items()}
        strict_params, strict_state = optimizer.update(strict_params, strict_grads, strict_state, rate=0.05)
    for name, p in params.items():
        assert p.dtype == dtype
        agree(strict_params[name], p, dtype)


def test_a_network_moves_by_loading_other_arrays():
    layers = {
        "conv": Conv2d(1, 2, 3),
        "relu": ReLU(),
        "norm": BatchNorm(2),
        "pool": MaxPool2d(2),
        "drop": Dropout(0.5),
        "flatten": Flatten(),
        "fc": Dense(8, 3),
    }
    network = Sequential(layers, input_shape=(6, 6, 1))
    network.initialise(0, np.float64)
    x = np.random.default_rng(1).standard_normal((5, 6, 6, 1))
    want, backward = network.forward(x, training=True, rng=np.random.default_rng(2))
    dx, grads = backward(np.ones_like(want))
    inferred = network.infer(x)

    network.initialise(0, np.float64)
    params = {name: strict.asarray(a) for name, a in network.params.items()}
    network.load(params, {name: strict.asarray(a) for name, a in network.state.items()})
    got, backward = network.forward(strict.asarray(x), training=True, rng=np.random.default_rng(2))
    strict_dx, strict_grads = backward(strict.ones_like(got))
    agree(got, want, np.float64)
    agree(strict_dx, dx, np.float64)
    for name, grad in grads.items():
        agree(strict_grads[name], grad, np.float64)
    agree(network.infer(strict.asarray(x)), inferred, np.float64)
