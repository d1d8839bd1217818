"""Every layer kind in the compiled engine against its definition, alone and behind a trained layer."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest

from tenfold.errors import ShapeError
from tenfold.nn import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MaxPool2d,
    ReLU,
)
from tenfold.nn.examples import layer_examples
from tenfold.nn.registry import has_fast_path

NOT_COMPILED = {"partial_conv2d"}

# Widths on both sides of what a register holds (4, 8, 16 numbers) and of what a tile spans (64).
WIDTHS = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 64, 65, 70]

TABLE = {name: pair for name, pair in layer_examples().items() if pair[0].kind not in NOT_COMPILED}


def takes(layer, shape):
    try:
        return bool(layer.output_shape(shape))
    except ShapeError:
        return False


# Examples that take any number of channels: one number, one pixel, and on both sides of a register's width.
TABLE |= {
    f"{name} on {'x'.join(map(str, shape))}": (layer, shape)
    for name, (layer, _) in TABLE.items()
    for shape in [(1,), (33,), (1, 1, 1), (5, 3, 7), (9, 8, 16), (2, 9, 21)]
    if takes(layer, shape)
}
TABLE |= {f"dense to {k}": (Dense(71 - k, k), (71 - k,)) for k in WIDTHS}
TABLE |= {"dense, large": (Dense(784, 300), (784,)), "dense, tall": (Dense(1100, 2), (1100,))}
TABLE |= {f"conv2d 3x3 to {k}": (Conv2d(3, k, 3), (6, 5, 3)) for k in WIDTHS}
TABLE |= {f"conv2d 3x3 of {c}": (Conv2d(c, 4, 3, padding=1), (4, 5, c)) for c in WIDTHS}
TABLE |= {
    f"conv2d {kernel} of {c}, padding {padding}": (Conv2d(c, 6, kernel, padding=padding), (9, 8, c))
    for kernel in [1, 2, (3, 4), (4, 3), 5, 7, (1, 7), (7, 1)]
    for c in (1, 4, 16)  # 16: the input's gradient is gathered, not scattered
    for padding in (0, 2, "same")
}
TABLE |= {
    f"conv2d {kernel} of {c}, stride {stride}, padding {padding}": (
        Conv2d(c, 5, kernel, stride=stride, padding=padding),
        (11, 10, c),
    )
    for kernel, c in [(1, 2), (3, 1), ((3, 4), 3), (5, 17), ((2, 3), 16)]
    for stride in [2, (1, 3), (3, 2)]
    for padding in [0, (2, 1)]
}
TABLE |= {
    "conv2d, the kernel as large as the image": (Conv2d(2, 20, (6, 5)), (6, 5, 2)),
    "conv2d, one pixel": (Conv2d(3, 4, 3, padding=1), (1, 1, 3)),
    "conv2d, one row": (Conv2d(1, 33, (1, 4), padding="same"), (1, 40, 1)),
    "conv2d, more padding than kernel": (Conv2d(2, 3, 2, padding=4), (3, 4, 2)),
    "conv2d, more padding than kernel, stride (1, 2)": (Conv2d(2, 3, 2, stride=(1, 2), padding=4), (3, 4, 2)),
    "conv2d, more padding than kernel, stride (3, 1)": (
        Conv2d(16, 5, 3, stride=(3, 1), padding=5),
        (3, 4, 16),
    ),
    "conv2d, stride past the kernel": (Conv2d(2, 3, 2, stride=5), (13, 14, 2)),
    "conv2d, many channels": (Conv2d(48, 64, 5, padding="same"), (4, 4, 48)),
    "conv2d, lenet5's first": (Conv2d(1, 6, 5, padding=2), (28, 28, 1)),
}
TABLE |= {
    f"{pool.__name__} {size}, stride {stride}, of {c}": (pool(size, stride), (9, 8, c))
    for pool in (MaxPool2d, AvgPool2d)
    for size, stride in [(1, None), (2, None), (2, 1), (3, 2), ((3, 1), (1, 2)), (2, 3), ((9, 8), None)]
    for c in (1, 16, 21)
}
TABLE |= {
    f"{pool.__name__} {size}, stride {stride}, padding {padding}, of {c}": (
        pool(size, stride, padding=padding),
        (9, 7, c),
    )
    for pool in (MaxPool2d, AvgPool2d)
    for size, stride, padding in [
        (2, None, "same"),
        (3, 2, 1),
        (3, 1, "same"),
        ((4, 2), (3, 1), (2, 1)),
        (4, None, 1),
        (2, 3, "same"),
        (5, 4, "same"),
    ]
    for c in (1, 21)
}
TABLE |= {f"leaky_relu {slope}": (LeakyReLU(slope), (5, 3, 7)) for slope in (2.0, 0.0)}
TABLE |= {f"dropout {rate}": (Dropout(rate), (5, 3, 7)) for rate in (0.0, 0.25, 0.999)}
TABLE |= {f"batch_norm of {c}": (BatchNorm(c), (3, 4, c)) for c in (1, 8, 16, 37)}
TABLE |= {"batch_norm of vectors": (BatchNorm(37, momentum=0.0, eps=0.1), (37,))}

RUNS = {
    "one image": (1, 1, False),
    "two images, two threads": (2, 2, False),
    "seven images, deterministic": (7, 2, True),
    "33 images, two threads": (33, 2, False),
}
FAST = "seven images, deterministic"


def alone(layer, shape):
    """The layer's outputs as logits: its own parameters are trained, if it has any."""
    return {"it": deepcopy(layer), "flatten": Flatten()}


def behind(layer, shape):
    """A trained layer before it, which sees the gradient that the layer hands back."""
    before = Conv2d(shape[-1], shape[-1], 1) if len(shape) == 3 else Dense(shape[-1], shape[-1])
    return {"before": before, **alone(layer, shape)}


def minibatch(layer, shape, n):
    """Batch normalisation needs some vectors: two would always come out as 1 and -1."""
    return max(n, 3) if layer.kind == "batch_norm" and len(shape) == 1 else n


@pytest.mark.parametrize(
    "run", [FAST, *(pytest.param(run, marks=pytest.mark.slow) for run in RUNS if run != FAST)]
)
@pytest.mark.parametrize("name", TABLE)
def test_gradients_are_the_definitions(twins, name, run):
    (layer, shape), (n, threads, deterministic) = TABLE[name], RUNS[run]
    for build in (alone, behind) if layer.param_shapes() else (behind,):
        pair = twins(build(layer, shape), shape, n=minibatch(layer, shape, n))
        assert all(row.compiled for row in pair.network.rows())
        pair.check_step(threads=threads, deterministic=deterministic)


@pytest.mark.parametrize("name", TABLE)
def test_outputs_are_the_definitions(twins, name):
    layer, shape = TABLE[name]
    pair = twins(alone(layer, shape), shape)
    want = pair.double.infer(pair.x.astype(float))
    got = pair.engine().logits(pair.x)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5 * abs(want).max())


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("shape", [(9, 8, 2), (8, 6, 2)])  # windows of 2 leave out a row, and nothing
@pytest.mark.parametrize(
    ("size", "stride", "padding"),
    [(2, None, 0), (3, 2, 0), ((2, 3), 1, 0), (2, 3, 0), (3, 1, 0), (2, None, "same"), (3, 2, 1)],
)
def test_on_a_tie_the_first_pixel_gets_the_gradient(twins, size, stride, padding, shape, relu):
    """The first channel alone decides, with few values; the second shows which pixel was meant."""
    activation = {"relu": ReLU()} if relu else {}
    pool = MaxPool2d(size, stride, padding=padding)
    layers = {"before": Conv2d(2, 18, 1), **activation, "pool": pool, "flatten": Flatten()}
    pair = twins(layers, shape)
    pair.x[..., 0] = pair.rng.integers(0, 3, pair.x.shape[:-1])
    for network in (pair.network, pair.double):
        network.params["before.weight"][0, 0, 1] = 0
    pair.check_step()


@pytest.mark.parametrize("name", [name for name, (layer, _) in TABLE.items() if not layer.param_shapes()])
def test_equal_numbers_and_zeros_have_the_definitions_gradient(twins, name):
    """The layer before hands on its whole numbers, so that both precisions see the same ties and kinks."""
    layer, shape = TABLE[name]
    pair = twins(behind(layer, shape), shape)
    pair.x[...] = pair.rng.integers(-1, 2, pair.x.shape)
    for network in (pair.network, pair.double):
        network.params["before.weight"][...] = np.eye(shape[-1])
        network.params["before.bias"][...] = 0
    pair.check_step()


def test_every_other_kind_is_compiled():
    """Without compiled code a layer's definition runs, which gives the same numbers, only later."""
    assert {layer.kind for layer, _ in layer_examples().values() if not has_fast_path(layer)} == NOT_COMPILED


class OwnPool(MaxPool2d):
    """A class of a user's own that is a layer of tenfold: its `forward` may be another."""


def test_the_engine_does_not_claim_what_it_does_not_know():
    assert not has_fast_path(OwnPool(2))
