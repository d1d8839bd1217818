"""Each layer by itself: values worked out by hand, corner cases, shapes, and what it refuses."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold import nn
from tenfold.errors import ConfigError, ShapeError
from tenfold.nn import (
    ELU,
    LAYERS,
    LOSSES,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    Loss,
    MaxPool2d,
    PartialConv2d,
    ReLU,
    Residual,
    Scale,
    ScaledTanh,
    Sequential,
    Sigmoid,
    Tanh,
    layer_from_config,
)
from tenfold.nn.examples import layer_examples

EXAMPLES = layer_examples()


def images(*rows):
    """Return one image of one channel, shape (1, h, w, 1)."""
    return np.array(rows, dtype=float)[None, :, :, None]


def ready(layer, dtype=np.float64):
    layer.initialise(np.random.default_rng(0), dtype)
    return layer


@pytest.mark.parametrize("name", EXAMPLES)
class TestEveryLayer:
    def test_output_has_the_promised_shape(self, name):
        layer, shape = EXAMPLES[name]
        y, _ = ready(layer).forward(np.ones((2, *shape)), training=False)
        assert y.shape == (2, *layer.output_shape(shape))

    def test_params_and_state_have_the_promised_shapes(self, name):
        layer, _ = EXAMPLES[name]
        ready(layer)
        assert {what: array.shape for what, array in layer.params.items()} == layer.param_shapes()
        assert {what: array.shape for what, array in layer.state.items()} == layer.state_shapes()

    def test_a_pass_without_parameters_says_what_to_call(self, name):
        layer = layer_from_config(EXAMPLES[name][0].kind, EXAMPLES[name][0].config())
        x = np.zeros((2, *EXAMPLES[name][1]))
        for run in (layer.forward, layer.infer):
            if layer.param_shapes():
                with pytest.raises(ConfigError, match=r"parameters.*; call .*initialise\("):
                    run(x)
            else:
                run(x)

    def test_infer_equals_forward(self, name):
        layer, shape = EXAMPLES[name]
        x = np.random.default_rng(1).standard_normal((3, *shape))
        np.testing.assert_array_equal(ready(layer).infer(x), layer.forward(x)[0])

    def test_config_round_trip(self, name):
        layer, shape = EXAMPLES[name]
        again = layer_from_config(layer.kind, layer.config())
        assert type(again) is type(layer)
        assert repr(again) == repr(layer)
        assert again.output_shape(shape) == layer.output_shape(shape)

    def test_forward_and_backward_leave_their_arguments_alone(self, name):
        layer, shape = EXAMPLES[name]
        x = np.random.default_rng(1).standard_normal((3, *shape))
        kept = x.copy()
        y, backward = ready(layer).forward(x, training=True, rng=np.random.default_rng(0))
        dy = np.ones_like(y)
        backward(dy)
        np.testing.assert_array_equal(x, kept)
        np.testing.assert_array_equal(dy, 1)

    def test_backward_twice_gives_the_same(self, name):
        """Nothing is used up and nothing accumulates."""
        layer, shape = EXAMPLES[name]
        x = np.random.default_rng(1).standard_normal((3, *shape))
        y, backward = ready(layer).forward(x, training=True, rng=np.random.default_rng(0))
        (dx, grads), (dx2, grads2) = backward(np.ones_like(y)), backward(np.ones_like(y))
        np.testing.assert_array_equal(dx, dx2)
        assert grads.keys() == grads2.keys()
        for what, grad in grads.items():
            np.testing.assert_array_equal(grad, grads2[what])

    @pytest.mark.parametrize("training", [False, True])
    def test_nan_comes_through(self, name, training):
        layer, shape = EXAMPLES[name]
        x = np.random.default_rng(1).standard_normal((3, *shape))
        x[1] = np.nan
        y, _ = ready(layer).forward(x, training=training, rng=np.random.default_rng(0))
        assert np.isnan(y[1]).all()

    def test_one_nan_reaches_each_output_that_depends_on_it(self, name):
        layer, shape = EXAMPLES[name]
        x = np.random.default_rng(1).standard_normal((1, *shape))
        y = ready(layer).infer(x)
        for place in np.ndindex(x.shape):
            moved, missing = x.copy(), x.copy()
            moved[place], missing[place] = 100, np.nan
            depends, found = layer.infer(moved) != y, np.isnan(layer.infer(missing))
            assert found[depends].all()
            assert not layer.pointwise or found.sum() == 1

    @pytest.mark.parametrize("other", [(400,), (3,), (1, 1, 1), (2, 9, 4), (30, 20, 3), (4, 3)])
    def test_another_shape_is_computed_or_refused_with_advice(self, name, other):
        (layer, _), refused = EXAMPLES[name], ""
        try:
            promised = layer.output_shape(other)
        except ShapeError as error:
            refused = str(error)
        if refused:
            assert re.fullmatch(r"expected .+, got .+; .+", refused)
        else:
            assert ready(layer).infer(np.ones((2, *other))).shape == (2, *promised)


def test_dense_by_hand():
    layer = Dense(2, 3)
    layer.params = {"weight": np.array([[1.0, 2, 3], [4, 5, 6]]), "bias": np.array([10.0, 20, 30])}
    y, backward = layer.forward(np.array([[1.0, 0], [0, 1]]))
    np.testing.assert_array_equal(y, [[11, 22, 33], [14, 25, 36]])
    dx, grads = backward(np.array([[1.0, 0, 0], [0, 0, 1]]))
    np.testing.assert_array_equal(dx, [[1, 4], [3, 6]])
    np.testing.assert_array_equal(grads["weight"], [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(grads["bias"], [1, 0, 1])


def test_convolution_by_hand():
    layer = Conv2d(1, 1, 2)
    layer.params = {"weight": np.array([[1.0, 2], [3, 4]]).reshape(2, 2, 1, 1), "bias": np.array([0.5])}
    y, backward = layer.forward(images([1, 0, 0], [0, 1, 0], [0, 0, 1]))
    np.testing.assert_array_equal(y[0, :, :, 0], [[5.5, 3.5], [2.5, 5.5]])  # the kernel is not flipped
    dx, grads = backward(images([1, 0], [0, 0]))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 2, 0], [3, 4, 0], [0, 0, 0]])
    np.testing.assert_array_equal(grads["weight"][:, :, 0, 0], [[1, 0], [0, 1]])
    np.testing.assert_array_equal(grads["bias"], [1])


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, (2, 5)])
def test_padding_same_keeps_the_size(kernel):
    layer = ready(Conv2d(1, 2, kernel, padding="same"))
    assert layer.infer(np.ones((1, 7, 6, 1))).shape == (1, 7, 6, 2)


def test_padding_same_of_an_even_kernel_adds_below_and_right():
    layer = Conv2d(1, 1, 2, padding="same")
    assert layer.pads == ((0, 1), (0, 1))
    layer.params = {"weight": np.ones((2, 2, 1, 1)), "bias": np.zeros(1)}
    np.testing.assert_array_equal(layer.infer(images([1, 2], [3, 4]))[0, :, :, 0], [[10, 6], [7, 4]])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2))
def test_output_shape_of_a_convolution_is_true_or_refused(h, w, kernel, stride, padding):
    layer = ready(Conv2d(1, 1, kernel, stride=stride, padding=padding))
    if min(h, w) + 2 * padding < kernel:
        with pytest.raises(ShapeError, match="expected images of at least the kernel's size"):
            layer.output_shape((h, w, 1))
    else:
        assert layer.infer(np.ones((1, h, w, 1))).shape == (1, *layer.output_shape((h, w, 1)))


def test_max_pool_by_hand():
    y, backward = MaxPool2d(2).forward(images([1, 2, 0, 0, 9], [3, 4, 5, 0, 9], [9, 9, 9, 9, 9]))
    np.testing.assert_array_equal(y[0, :, :, 0], [[4, 5]])  # what fills no window is left out
    dx, grads = backward(images([7, 8]))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[0, 0, 0, 0, 0], [0, 7, 8, 0, 0], [0, 0, 0, 0, 0]])
    assert grads == {}


@pytest.mark.parametrize(
    ("window", "first"),
    [
        ([[5, 5], [5, 5]], (0, 0)),
        ([[1, 5], [5, 5]], (0, 1)),
        ([[1, 5], [5, 1]], (0, 1)),
        ([[1, 1], [5, 5]], (1, 0)),
        ([[0, 0], [0, 0]], (0, 0)),
        ([[-1, 0], [0, -1]], (0, 1)),
    ],
)
def test_max_pool_tie_goes_to_the_first(window, first):
    _, backward = MaxPool2d(2).forward(images(*window))
    dx, _ = backward(images([3]))
    want = np.zeros((2, 2))
    want[first] = 3
    np.testing.assert_array_equal(dx[0, :, :, 0], want)


@pytest.mark.parametrize("place", range(4))
def test_max_pool_passes_one_nan_on_from_any_place(place):
    x = np.arange(4.0)
    x[place] = np.nan
    y, backward = MaxPool2d(2).forward(x.reshape(1, 2, 2, 1))
    assert np.isnan(y).all()
    dx, _ = backward(np.ones_like(y))
    np.testing.assert_array_equal(np.flatnonzero(dx), [place])


def test_average_pool_by_hand():
    y, backward = AvgPool2d(2, stride=1).forward(images([1, 3, 5], [3, 5, 7]))
    np.testing.assert_array_equal(y[0, :, :, 0], [[3, 5]])
    dx, _ = backward(images([4, 8]))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 3, 2], [1, 3, 2]])


def test_max_pool_beyond_the_image_by_hand():
    y, backward = MaxPool2d(2, padding="same").forward(images([-1, -2, -3], [-4, -5, -6], [-9, -8, -7]))
    np.testing.assert_array_equal(y[0, :, :, 0], [[-1, -3], [-8, -7]])  # not the 0 of a border
    dx, _ = backward(images([1, 2], [3, 4]))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 0, 2], [0, 0, 0], [0, 3, 4]])


def test_average_pool_beyond_the_image_by_hand():
    y, backward = AvgPool2d(2, padding=1).forward(images([4, 1, 3], [2, 5, 7], [6, 8, 0]))
    np.testing.assert_array_equal(y[0, :, :, 0], [[4, 2], [4, 5]])  # 1, 2, 2 and 4 pixels
    dx, _ = backward(images([1, 2], [4, 8]))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 1, 1], [2, 2, 2], [2, 2, 2]])


@pytest.mark.parametrize("side", range(1, 12))
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (1, 3), (4, 3), (5, 1)])
def test_padding_same_gives_a_window_for_each_step(side, size, stride):
    pool = AvgPool2d(size, stride, padding="same")
    steps = -(-side // stride)
    assert pool.output_shape((side, side, 1)) == (steps, steps, 1)
    np.testing.assert_allclose(pool.infer(np.ones((1, side, side, 1))), np.ones((1, steps, steps, 1)))


def test_flatten_lays_out_row_by_row_with_channels_last():
    x = np.arange(24.0).reshape(2, 2, 3, 2)
    y, backward = Flatten().forward(x)
    np.testing.assert_array_equal(y[0], np.arange(12))
    np.testing.assert_array_equal(backward(y)[0], x)


@pytest.mark.parametrize(
    ("layer", "y", "dx"),
    [
        (ReLU(), [0, 0, 2], [0, 0, 1]),
        (LeakyReLU(0.1), [-0.2, 0, 2], [0.1, 0.1, 1]),
        (Tanh(), [-0.9640275800758169, 0, 0.9640275800758169], [0.07065082485316443, 1, 0.07065082485316443]),
        (
            Sigmoid(),
            [0.11920292202211755, 0.5, 0.8807970779778823],
            [0.1049935854035065, 0.25, 0.1049935854035065],
        ),
    ],
    ids=repr,
)
def test_activations_by_hand(layer, y, dx):
    got, backward = layer.forward(np.array([[-2.0, 0.0, 2.0]]))
    np.testing.assert_allclose(got[0], y, rtol=1e-14)
    np.testing.assert_allclose(backward(np.ones((1, 3)))[0][0], dx, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("layer", "low", "high"), [(ReLU(), 0, np.inf), (Tanh(), -1, 1), (Sigmoid(), 0, 1)], ids=repr
)
def test_activations_of_huge_numbers_do_not_overflow(layer, low, high, dtype):
    largest = np.finfo(dtype).max
    y, backward = layer.forward(np.array([[-np.inf, -largest, largest, np.inf]], dtype))
    np.testing.assert_array_equal(y[0, :2], low)
    np.testing.assert_array_equal(y[0, 2:], [min(high, largest), high])
    assert np.isfinite(backward(np.ones_like(y))[0]).all()


@pytest.mark.parametrize(
    ("layer", "shape", "flops"),
    [
        (Dense(784, 10), (784,), 15_680),
        (Conv2d(1, 6, 5, padding=2), (28, 28, 1), 2 * 28 * 28 * 6 * 25),
        (Conv2d(2, 3, (1, 2), stride=2), (4, 4, 2), 2 * 2 * 2 * 3 * 2 * 2),
        (BatchNorm(3), (2, 2, 3), 24),
        (ReLU(), (7,), 0),
        (MaxPool2d(2), (4, 4, 1), 0),
    ],
    ids=repr,
)
def test_flops(layer, shape, flops):
    assert layer.flops(shape) == flops


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            Dense(784, 10),
            (28, 28, 1),
            "expected vectors of shape (784,), got (28, 28, 1); put Flatten before it",
        ),
        (Dense(784, 10), (400,), "expected vectors of shape (784,), got (400,); set c_in=400"),
        (Conv2d(1, 6, 5), (28, 28, 3), "expected images of shape (h, w, 1), got (28, 28, 3); set c_in=3"),
        (
            Conv2d(1, 6, 5),
            (784,),
            "expected images of shape (h, w, 1), got (784,); it takes images, not vectors",
        ),
        (
            Conv2d(1, 6, 5),
            (4, 9, 1),
            "expected images of at least the kernel's size (5, 5), got (4, 9) with padding ((0, 0), (0, 0)); "
            "take a smaller kernel or more padding",
        ),
        (MaxPool2d(2), (400,), "expected images of shape (h, w, c), got (400,); pool before Flatten"),
        (
            AvgPool2d((2, 3)),
            (2, 2, 8),
            "expected images of at least (2, 3), got (2, 2); take a smaller size or pool less",
        ),
        (BatchNorm(3), (5,), "expected 3 channels on the last axis, got (5,); set c=5"),
        (Scale(3), (5,), "expected 3 channels on the last axis, got (5,); set c=5"),
    ],
    ids=repr,
)
def test_shapes_refused(layer, shape, message):
    with pytest.raises(ShapeError) as error:
        layer.output_shape(shape)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Dense(0, 10), "c_in: expected a whole number of at least 1, got 0"),
        (lambda: Dense(2.5, 10), "c_in: expected a whole number of at least 1, got 2.5"),
        (lambda: Dense(True, 10), "c_in: expected a whole number of at least 1, got True"),
        (lambda: Conv2d(1, 6, 0), "kernel: expected a whole number of at least 1, got 0"),
        (lambda: Conv2d(1, 6, (5,)), "kernel: expected a whole number or a pair (height, width), got (5,)"),
        (lambda: Conv2d(1, 6, "ab"), "kernel: expected a whole number of at least 1, got 'a'"),
        (lambda: Conv2d(1, 6, 5, padding=-1), "padding: expected a whole number of at least 0, got -1"),
        (lambda: Conv2d(1, 6, 5, stride=(1, 0)), "stride: expected a whole number of at least 1, got 0"),
        (
            lambda: Conv2d(1, 6, 5, stride=2, padding="same"),
            'padding "same" needs stride 1, got (2, 2); give padding as numbers',
        ),
        (lambda: MaxPool2d(None), "size: expected a whole number of at least 1, got None"),
        (
            lambda: MaxPool2d(2, padding=(1, 2)),
            "padding: expected at most half of the size (2, 2), as in PyTorch, got (1, 2); take less",
        ),
        (
            lambda: AvgPool2d(2, padding="valid"),
            "padding: expected a whole number, a pair (height, width) or 'same', "
            "got 'valid'; write padding=0",
        ),
        (lambda: LeakyReLU(float("inf")), "slope: expected a finite number, got inf"),
        (lambda: BatchNorm(3, momentum=1), "momentum: expected a number from 0 to below 1, got 1"),
        (lambda: BatchNorm(3, eps=0), "eps: expected a finite number above 0, got 0"),
        (lambda: Dropout("x"), "rate: expected a number from 0 to below 1, got 'x'"),
        (lambda: LeakyReLU("x"), "slope: expected a finite number, got 'x'"),
        (
            lambda: Dense(3, 2, weight_init=["zeros"]),
            "unknown initialiser ['zeros']; did you mean 'zeros'?",
        ),
        (lambda: layer_from_config("relu", 5), "layer 'relu': expected options by name, got 5"),
        (lambda: layer_from_config("conv2", {}), "unknown layer 'conv2'; did you mean 'conv2d'?"),
        (
            lambda: layer_from_config("dropout", {"ratee": 0.5}),
            "unknown option of layer 'dropout': 'ratee'; did you mean 'rate'?",
        ),
        (
            lambda: layer_from_config("dense", {"c_in": 3}),
            "layer 'dense' needs c_out, found none; add it",
        ),
    ],
)
def test_arguments_refused(build, message):
    with pytest.raises(ConfigError) as error:
        build()
    assert str(error.value) == message


JUNK = [None, "x", "3", [], [1], ["a"], {}, {"a": 1}, True, float("nan"), float("inf"), 10**400, -1, 2.5]
SOUND = {layer.kind: layer.config() for layer, _ in EXAMPLES.values()}


@pytest.mark.parametrize("kind", LAYERS)
def test_a_file_that_holds_anything_gives_a_layer_or_a_config_error(kind):
    for option in inspect.signature(LAYERS[kind]).parameters:
        for value in JUNK:
            try:
                layer = layer_from_config(kind, SOUND[kind] | {option: value})
            except ConfigError:
                continue
            assert layer.kind == kind
    for value in ("x", ["rate"], 5, None):
        with pytest.raises(ConfigError):
            layer_from_config(kind, value)


def test_the_registry_holds_every_layer_and_loss_of_the_package():
    """A class that is missing here is missing in `__all__` of `tenfold.nn`."""
    modules = [import_module(module.name) for module in pkgutil.iter_modules(nn.__path__, "tenfold.nn.")]
    defined = {cls for module in modules for cls in vars(module).values() if isinstance(cls, type)}
    ours = {
        cls for cls in defined if cls.__module__.startswith("tenfold.nn.") and not inspect.isabstract(cls)
    }
    for base, registry in ((Layer, LAYERS), (Loss, LOSSES)):
        assert {cls for cls in ours if issubclass(cls, base) and cls.kind} == {*registry.values()}


@pytest.mark.parametrize("table", [[], [[]], [[0, 0]], [[3]], [[-1]], "01", [[True]], 3, [0, 1]])
def test_a_table_of_connections_names_each_input_once(table):
    with pytest.raises(ConfigError, match="table: expected for each output the input channels that it sees"):
        PartialConv2d(3, table, 2)


def test_scaled_tanh_gives_one_for_one():
    y, backward = ScaledTanh().forward(np.array([[-1.0, 0.0, 1.0, 100.0]]))
    np.testing.assert_allclose(y, [[-1, 0, 1, 1.7159]], atol=2e-5)
    np.testing.assert_allclose(backward(np.ones((1, 4)))[0][0, [1, 3]], [1.7159 * 2 / 3, 0], atol=1e-12)


def test_a_table_of_all_connections_is_the_whole_convolution():
    rng = np.random.default_rng(0)
    partial, whole = PartialConv2d(2, [[0, 1]] * 3, 3), Conv2d(2, 3, 3)
    partial.initialise(rng, np.float64)
    places = partial.places()
    weight = (partial.params["weight"] @ places).reshape(3, 3, 2, 3)
    whole.params = {"weight": weight, "bias": partial.params["bias"]}
    x = rng.standard_normal((2, 5, 5, 2))
    np.testing.assert_allclose(partial.forward(x)[0], whole.forward(x)[0], rtol=1e-12)
    assert partial.flops((5, 5, 2)) == whole.flops((5, 5, 2))


def test_groups_are_convolutions_side_by_side():
    rng = np.random.default_rng(0)
    grouped, parts = ready(Conv2d(4, 6, 3, groups=2)), [ready(Conv2d(2, 3, 3)) for _ in range(2)]
    x = rng.standard_normal((2, 5, 4, 4))
    for i, part in enumerate(parts):
        outputs = slice(3 * i, 3 * i + 3)
        part.params = {
            "weight": grouped.params["weight"][..., outputs],
            "bias": grouped.params["bias"][outputs],
        }
    want = [part.infer(x[..., 2 * i : 2 * i + 2]) for i, part in enumerate(parts)]
    np.testing.assert_allclose(grouped.infer(x), np.concatenate(want, axis=-1), rtol=1e-12)
    assert "groups" not in Conv2d(1, 6, 5).config()  # configurations from before there were groups stay equal


SMALL = Sequential({"fc": Dense(3, 3)}, (3,))


@pytest.mark.parametrize(
    ("error", "build", "message"),
    [
        (
            ConfigError,
            lambda: Conv2d(4, 6, 3, groups=4),
            "groups: expected a divisor of c_in=4 and c_out=6, got 4; change one of them",
        ),
        (
            ConfigError,
            lambda: Residual({"fc": Dense(3, 3)}),
            "block: expected a Sequential, got dict; wrap the layers",
        ),
        (
            ShapeError,
            lambda: Residual(Sequential({"fc": Dense(3, 2)}, (3,))),
            "expected a block that gives (3,), as the term added to it, got (2,); "
            "give a shortcut that ends with that shape",
        ),
        (
            ShapeError,
            lambda: Residual(SMALL, Sequential({"fc": Dense(2, 3)}, (2,))),
            "expected a shortcut that takes (3,), as the block, got (2,); build both for one shape",
        ),
        (
            ShapeError,
            lambda: Sequential({"fc": Dense(3, 4), "block": Residual(SMALL)}, (3,)),
            "block (residual): expected an input of shape (3,), got (4,); build the block for (4,)",
        ),
        (ConfigError, lambda: ELU(0), "alpha: expected a finite number above 0, got 0"),
    ],
)
def test_blocks_and_groups_refused(error, build, message):
    with pytest.raises(error) as caught:
        build()
    assert str(caught.value) == message
