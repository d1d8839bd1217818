"""The network: composition, names, loading, its table, and what it refuses at its border."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tenfold.errors import CheckpointError, ConfigError, DTypeError, RangeError, ShapeError
from tenfold.nn import (
    LAYERS,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    LayerRow,
    MaxPool2d,
    ReLU,
    Sequential,
    check_images,
)


def lenet5():
    return Sequential(
        {
            "conv1": Conv2d(1, 6, 5, padding=2),
            "relu1": ReLU(),
            "pool1": MaxPool2d(2),
            "conv2": Conv2d(6, 16, 5),
            "relu2": ReLU(),
            "pool2": MaxPool2d(2),
            "flatten": Flatten(),
            "fc1": Dense(400, 120),
            "relu3": ReLU(),
            "fc2": Dense(120, 84),
            "relu4": ReLU(),
            "fc3": Dense(84, 10),
        },
        input_shape=(28, 28, 1),
    )


def small(seed=0, dtype=np.float64):
    layers = {"fc1": Dense(3, 4), "norm": BatchNorm(4), "drop": Dropout(0.5), "fc2": Dense(4, 2)}
    network = Sequential(layers, input_shape=(3,))
    if seed is not None:
        network.initialise(seed, dtype)
    return network


def test_the_table_of_lenet5():
    network = lenet5()
    assert network.output_shape == (10,)
    assert network.n_parameters == 61_706
    rows = network.rows()
    assert rows[0] == LayerRow("conv1", "conv2d", (28, 28, 6), 156, 2 * 28 * 28 * 6 * 25, True)
    assert rows[5] == LayerRow("pool2", "max_pool2d", (5, 5, 16), 0, 0, True)
    assert sum(row.flops for row in rows) == 2 * (117_600 + 240_000 + 48_000 + 10_080 + 840)
    assert [row.name for row in rows] == list(network.layers)


def test_forward_and_backward_are_the_layers_in_turn():
    network = small()
    x = np.random.default_rng(1).standard_normal((5, 3))
    logits, backward = network.forward(x, training=True, rng=np.random.default_rng(2))
    dlogits = np.random.default_rng(3).standard_normal(logits.shape)
    dx, grads = backward(dlogits)

    y, steps, rng = x, [], np.random.default_rng(2)
    for name, layer in network.layers.items():
        y, step = layer.forward(y, training=True, rng=rng)
        steps.append((name, step))
    dy, want = dlogits, {}
    for name, step in reversed(steps):
        dy, layer_grads = step(dy)
        want |= {f"{name}.{what}": grad for what, grad in layer_grads.items()}
    np.testing.assert_array_equal(logits, y)
    np.testing.assert_array_equal(dx, dy)
    assert list(grads) == list(network.params)
    for name, grad in grads.items():
        np.testing.assert_array_equal(grad, want[name])


def test_infer_is_forward_outside_training_and_the_last_activation():
    network = small()
    x = np.random.default_rng(1).standard_normal((5, 3))
    want, _ = network.forward(x)
    np.testing.assert_array_equal(network.infer(x), want)
    activations = dict(network.activations(x))
    assert list(activations) == list(network.layers)
    np.testing.assert_array_equal(activations["fc2"], want)
    assert network.infer(np.zeros((0, 3))).shape == (0, 2)


def test_names_and_shapes():
    network = small(seed=None)
    assert network.params == network.state == {}
    assert network.param_shapes == {
        "fc1.weight": (3, 4),
        "fc1.bias": (4,),
        "norm.weight": (4,),
        "norm.bias": (4,),
        "fc2.weight": (4, 2),
        "fc2.bias": (2,),
    }
    assert network.state_shapes == {"norm.running_mean": (4,), "norm.running_var": (4,)}
    assert network.dtype is None
    network.initialise(0)
    assert network.dtype == "float32"
    assert {name: array.shape for name, array in network.params.items()} == network.param_shapes
    assert network.params["fc1.weight"] is network.layers["fc1"].params["weight"]


def test_the_seed_decides_and_a_generator_goes_on():
    np.testing.assert_array_equal(small(1).params["fc2.weight"], small(1).params["fc2.weight"])
    assert not np.array_equal(small(1).params["fc2.weight"], small(2).params["fc2.weight"])
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(small(rng).params["fc2.weight"], small(1).params["fc2.weight"])
    assert not np.array_equal(small(rng).params["fc2.weight"], small(1).params["fc2.weight"])


def test_config_round_trip_through_json():
    network = lenet5()
    again = Sequential.from_config(json.loads(json.dumps(network.config())))
    assert repr(again) == repr(network)
    assert again.rows() == network.rows()


def test_load_copies_and_brings_the_same_outputs():
    source, target = small(1), small(seed=None)
    x = np.random.default_rng(1).standard_normal((5, 3))
    source.forward(x, training=True, rng=np.random.default_rng(0))
    params, state = source.params, source.state
    target.load(params, state)
    want = source.infer(x)
    np.testing.assert_array_equal(target.infer(x), want)
    params["fc1.weight"][...] = 0
    np.testing.assert_array_equal(target.infer(x), want)


def test_load_without_state_keeps_the_running_statistics():
    network, other = small(1), small(2)
    network.forward(np.ones((2, 3)), training=True, rng=np.random.default_rng(0))
    state = network.state
    network.load(other.params)
    np.testing.assert_array_equal(network.state["norm.running_mean"], state["norm.running_mean"])
    np.testing.assert_array_equal(network.params["fc1.weight"], other.params["fc1.weight"])
    with pytest.raises(ConfigError, match=r"^expected running statistics too, got parameters alone; load"):
        small(seed=None).load(other.params)


def replaced(**arrays):
    """Return the parameters of `small` with some replaced; None takes one away; ``__`` stands for the dot."""
    params = small().params | {name.replace("__", "."): array for name, array in arrays.items()}
    return {name: array for name, array in params.items() if array is not None}


@pytest.mark.parametrize(
    ("error", "params", "message"),
    [
        (
            CheckpointError,
            replaced(fc1__bias=None),
            "expected parameter 'fc1.bias', got none; is this another network's file?",
        ),
        (
            CheckpointError,
            replaced(fc9__bias=np.zeros(2)),
            "expected no parameter 'fc9.bias', got one; is this another network's file?",
        ),
        (
            ShapeError,
            replaced(fc1__bias=np.zeros(3)),
            "fc1.bias: expected shape (4,), got (3,); is this another network's file?",
        ),
        (
            DTypeError,
            replaced(fc1__bias=np.zeros(4, np.float32)),
            "fc1.bias: expected float64, got float32; convert it, or build a new network",
        ),
        (
            DTypeError,
            replaced(fc1__bias=np.zeros(4, int)),
            "fc1.bias: expected float64, got int64; convert it, or build a new network",
        ),
        (
            RangeError,
            replaced(fc2__bias=np.array([0, np.nan])),
            "fc2.bias: expected finite numbers, got NaN or infinity; try an older file",
        ),
        (
            RangeError,
            replaced(fc2__bias=np.array([0, np.inf])),
            "fc2.bias: expected finite numbers, got NaN or infinity; try an older file",
        ),
    ],
)
def test_load_refuses_and_changes_nothing(error, params, message):
    network = small(5)
    before = {name: array.copy() for name, array in network.params.items()}
    with pytest.raises(error) as caught:
        network.load(params, network.state)
    assert str(caught.value) == message
    for name, array in network.params.items():
        np.testing.assert_array_equal(array, before[name])


def test_load_refuses_a_state_of_another_dtype_and_other_floats():
    source = small(1)
    message = r"^norm.running_mean: expected float64, got float32; convert it"
    with pytest.raises(DTypeError, match=message):
        small(seed=None).load(source.params, {k: a.astype(np.float32) for k, a in source.state.items()})
    message = r"^fc1.weight: expected float32 or float64, got float16; convert it"
    with pytest.raises(DTypeError, match=message):
        small(seed=None).load({k: a.astype(np.float16) for k, a in source.params.items()}, {})


@pytest.mark.parametrize(
    ("error", "x", "message"),
    [
        (
            ShapeError,
            np.zeros((2, 28, 28), np.float32),
            "expected input of shape (n, 28, 28, 1), got (2, 28, 28); "
            "add the axis of the channel: x[..., None]",
        ),
        (
            ShapeError,
            np.zeros((28, 28, 1), np.float32),
            "expected input of shape (n, 28, 28, 1), got (28, 28, 1); "
            "put the axis of the minibatch in front: x[None]",
        ),
        (
            ShapeError,
            np.zeros((2, 32, 32, 1), np.float32),
            "expected input of shape (n, 28, 28, 1), got (2, 32, 32, 1); "
            "reshape it, or build the network for (32, 32, 1)",
        ),
        (
            DTypeError,
            np.zeros((2, 28, 28, 1), np.uint8),
            "expected input of float32, got uint8; for pixels 0..255 try x.astype(float32) / 255",
        ),
        (
            DTypeError,
            np.zeros((2, 28, 28, 1)),
            "expected input of float32, as the parameters, got float64; convert it",
        ),
    ],
)
@pytest.mark.parametrize("method", ["forward", "infer"])
def test_input_refused(method, error, x, message):
    network = lenet5()
    network.initialise(0)
    with pytest.raises(error) as caught:
        getattr(network, method)(x)
    assert str(caught.value) == message


def test_a_network_without_values_is_refused():
    message = r"^conv1 \(conv2d\) has no parameters yet; call initialise\(seed\) or load\(params\)$"
    with pytest.raises(ConfigError, match=message):
        lenet5().infer(np.zeros((1, 28, 28, 1), np.float32))


@pytest.mark.parametrize(
    ("error", "build", "message"),
    [
        (
            ShapeError,
            lambda: Sequential({"flatten": Flatten(), "fc": Dense(700, 10)}, (28, 28, 1)),
            "fc (dense): expected vectors of shape (700,), got (784,); set c_in=784",
        ),
        (ConfigError, lambda: Sequential({}, (3,)), "expected at least one layer, got none; add one"),
        (
            ConfigError,
            lambda: Sequential({"fc.1": Dense(3, 2)}, (3,)),
            "expected a layer name of letters, digits and _, got 'fc.1'; rename it",
        ),
        (
            ConfigError,
            lambda: Sequential(dict.fromkeys(["a", "b"], Dense(3, 3)), (3,)),
            "expected a layer for each name, got one under two names; build a second",
        ),
        (
            ConfigError,
            lambda: Sequential.from_config({"layers": []}),
            "expected input_shape, and layers with name, kind and config each, got something else "
            "(no 'input_shape'); write what config() returned",
        ),
        (
            ConfigError,
            lambda: Sequential.from_config(
                {"input_shape": [3], "layers": [{"name": "a", "kind": "relu", "config": {}}] * 2}
            ),
            "expected every layer name once, got a, a; rename one",
        ),
        (
            ConfigError,
            lambda: Sequential.from_config(
                {"input_shape": [3], "layers": [{"name": "a", "kind": "os.system", "config": {}}]}
            ),
            f"unknown layer 'os.system'; choose from {', '.join(sorted(LAYERS))}",
        ),
    ],
)
def test_networks_refused(error, build, message):
    with pytest.raises(error) as caught:
        build()
    assert str(caught.value) == message


def test_first_non_finite_names_the_place():
    network, x = small(dtype=np.float32), np.ones((2, 3), np.float32)
    assert network.first_non_finite(x) is None
    assert network.first_non_finite(x * np.float32(np.nan)) == "input"
    network.layers["fc2"].params["bias"][0] = np.inf
    assert network.first_non_finite(x) == "fc2.bias"
    network.layers["norm"].state["running_var"][0] = np.nan
    assert network.first_non_finite(x) == "norm.running_var"
    network.layers["fc1"].params["weight"][...] = 3e38
    assert network.first_non_finite(x) == "output of fc1"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "images", [np.zeros((2, 4, 4, 1)), np.eye(4), np.full(3, 1.005), np.zeros((0, 28, 28, 1))]
)
def test_images_accepted(images, dtype):
    assert check_images(images.astype(dtype)) is None


@pytest.mark.parametrize(
    ("error", "images", "message"),
    [
        (
            RangeError,
            np.array([0, 255.0]),
            "expected pixels from 0 to 1, got 0 to 255; images seem to be 0..255: divide by 255",
        ),
        (
            RangeError,
            np.array([0, 2.0]),
            "expected pixels from 0 to 1, got 0 to 2; images seem to be 0..255: divide by 255",
        ),
        (
            RangeError,
            np.array([-0.5, 2.8]),
            "expected pixels from 0 to 1, got -0.5 to 2.8; "
            "give the pixels as they are, not standardised, and divided by their largest possible value",
        ),
        (
            RangeError,
            np.array([0, 65535.0]),
            "expected pixels from 0 to 1, got 0 to 65535; "
            "give the pixels as they are, not standardised, and divided by their largest possible value",
        ),
        (
            RangeError,
            np.array([0, np.nan]),
            "expected pixels from 0 to 1, got nan to nan; correct or remove the images that contain NaN",
        ),
        (
            DTypeError,
            np.array([0, 255], np.uint8),
            "expected input of float32, got uint8; for pixels 0..255 try x.astype(float32) / 255",
        ),
    ],
)
def test_images_refused(error, images, message):
    with pytest.raises(error) as caught:
        check_images(images)
    assert str(caught.value) == message
