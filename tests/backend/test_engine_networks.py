"""Whole networks in the compiled engine against the definition, some chosen and some generated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tenfold.nn import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MaxPool2d,
    MeanSquaredError,
    OpenSetCrossEntropy,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
)

LOSSES = {
    "cross-entropy": SoftmaxCrossEntropy,
    "smoothed cross-entropy": lambda: SoftmaxCrossEntropy(label_smoothing=0.1),
    "open set": OpenSetCrossEntropy,
    "squared error": MeanSquaredError,
}


def named(*layers):
    return {f"{layer.kind}_{i}": layer for i, layer in enumerate(layers)}


def lenet5():
    convolutions = (Conv2d(1, 6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(6, 16, 5), ReLU(), MaxPool2d(2))
    dense = (Dense(400, 120), ReLU(), Dense(120, 84), ReLU(), Dense(84, 10))
    return named(*convolutions, Flatten(), *dense)


NETWORKS = {
    "nn3l": (
        lambda: named(Flatten(), Dense(784, 300), ReLU(), Dense(300, 100), ReLU(), Dense(100, 10)),
        (28, 28, 1),
    ),
    "lenet5": (lenet5, (28, 28, 1)),
    "dropout everywhere": (
        lambda: named(
            Dropout(0.1), Conv2d(1, 8, 3), ReLU(), Dropout(0.3), MaxPool2d(2), Dropout(0.25), Flatten(),
            Dense(72, 20), Dropout(0.5), ReLU(), Dense(20, 10), Dropout(0.2),
        ),
        (8, 8, 1),
    ),
    "normalised everywhere": (
        lambda: named(
            BatchNorm(2), Conv2d(2, 18, 3, padding="same"), BatchNorm(18), ReLU(), MaxPool2d(2),
            BatchNorm(18), Flatten(), Dense(288, 20), BatchNorm(20), Tanh(), Dropout(0.4), Dense(20, 10),
            BatchNorm(10),
        ),
        (8, 8, 2),
    ),
    "a ReLU under windows that overlap": (
        lambda: named(
            Conv2d(1, 5, 3), ReLU(), MaxPool2d(3, 2), Conv2d(5, 7, 2), ReLU(), MaxPool2d(2, 1), Flatten(),
        ),
        (12, 11, 1),
    ),
    "a ReLU under windows that leave out": (
        lambda: named(
            Conv2d(1, 5, 2), ReLU(), MaxPool2d(2, 3), Conv2d(5, 7, 2), Tanh(), MaxPool2d(2), Flatten(),
        ),
        (12, 11, 1),
    ),
    "activations in a row": (
        lambda: named(
            Sigmoid(), Flatten(), Dense(30, 20), ReLU(), LeakyReLU(0.2), Tanh(), Sigmoid(), ReLU(),
            Dense(20, 5), LeakyReLU(0.5), ReLU(), Tanh(),
        ),
        (5, 6, 1),
    ),
    "pools in a row": (
        lambda: named(
            MaxPool2d(2, 1), AvgPool2d(2, 1), ReLU(), Conv2d(3, 4, 2), AvgPool2d(2), Tanh(), MaxPool2d(2),
            AvgPool2d(1), LeakyReLU(), Flatten(), Dense(4, 4),
        ),
        (8, 8, 3),
    ),
    "convolutions to the end": (
        lambda: named(Conv2d(1, 16, 5, stride=2), Conv2d(16, 17, 3, padding=1), Conv2d(17, 3, 5), Flatten()),
        (13, 13, 1),
    ),
    "nothing to train": (lambda: named(AvgPool2d(2), Tanh(), Flatten()), (4, 6, 1)),
}  # fmt: skip


@pytest.mark.parametrize(
    ("n", "threads", "deterministic"), [(2, 1, False), (7, 2, True), (33, 2, False), (33, 3, True)]
)
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_the_definitions(twins, name, n, threads, deterministic):
    build, shape = NETWORKS[name]
    loss = LOSSES["smoothed cross-entropy" if deterministic else "cross-entropy"]()
    twins(build(), shape, n=n, loss=loss).check_step(threads=threads, deterministic=deterministic)


@pytest.mark.parametrize("n", [1, 9, 40])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_are_the_definitions(twins, loss, n):
    build, shape = NETWORKS["activations in a row"]
    twins(build(), shape, n=n, loss=LOSSES[loss]()).check_step()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("loss", LOSSES)
def test_weighted_losses_are_the_definitions(twins, loss, threads):
    build, shape = NETWORKS["activations in a row"]
    weights = np.array([0, 1, 2, 0.5, 3, 0.25, 1, 0, 1.5], np.float32)
    twins(build(), shape, n=9, loss=LOSSES[loss](), weights=weights).check_step(threads=threads)


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_are_the_definitions(twins, name):
    build, shape = NETWORKS[name]
    pair = twins(build(), shape, n=5)
    want = pair.double.infer(pair.x.astype(float))
    np.testing.assert_allclose(pair.engine().logits(pair.x), want, rtol=1e-5, atol=1e-5 * abs(want).max())


@st.composite
def layers_for_images(draw, shape):
    """Draw one layer that takes images (h, w, c)."""
    h, w, c = shape
    kind = draw(st.sampled_from("conv conv conv max avg activation dropout norm".split()))
    if kind == "conv":
        kernel = (draw(st.integers(1, min(h, 7))), draw(st.integers(1, min(w, 7))))
        stride = draw(st.sampled_from([1, 1, 1, 2, (1, 3)]))
        same = stride == 1 and draw(st.booleans())
        padding = "same" if same else draw(st.integers(0, 2))
        return Conv2d(c, draw(st.integers(1, 70)), kernel, stride=stride, padding=padding)
    if kind in ("max", "avg"):
        size = (draw(st.integers(1, min(h, 3))), draw(st.integers(1, min(w, 3))))
        stride, padding = draw(st.sampled_from([None, 1, 2, (2, 3)])), draw(st.sampled_from([0, 0, "same"]))
        return (MaxPool2d if kind == "max" else AvgPool2d)(size, stride, padding=padding)
    return draw(layers_for_all(kind, c))


@st.composite
def layers_for_all(draw, kind, c):
    """Draw a layer that leaves the shape as it is."""
    if kind == "dropout":
        return Dropout(draw(st.sampled_from([0.0, 0.2, 0.5])))
    if kind == "norm":
        return BatchNorm(c)
    return draw(st.sampled_from([ReLU, ReLU, LeakyReLU, Tanh, Sigmoid]))()


@st.composite
def networks(draw):
    """Draw layers that fit each other, and the shape that they take."""
    side = st.integers(3, 10)
    shape = first = (draw(side), draw(side), draw(st.sampled_from([1, 1, 2, 5, 18])))
    layers = []
    for _ in range(draw(st.integers(0, 5))):
        layers.append(draw(layers_for_images(shape)))
        shape = layers[-1].output_shape(shape)
    layers.append(Flatten())
    size = int(np.prod(shape))
    for _ in range(draw(st.integers(0, 3))):
        layers.append(Dense(size, width := draw(st.integers(1, 70))))
        size = width
        layers.append(draw(layers_for_all(draw(st.sampled_from(["activation", "dropout", "norm"])), size)))
    layers.append(Dense(size, draw(st.integers(2, 20))))
    return named(*layers), first


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    networks(),
    st.sampled_from([2, 5, 7, 19]),
    st.sampled_from([1, 2]),
    st.booleans(),
    st.sampled_from(sorted(LOSSES)),
)
def test_generated_networks(twins, network, n, threads, deterministic, loss):
    layers, shape = network
    pair = twins(layers, shape, n=n, loss=LOSSES[loss]())
    assume(pair.clear)
    pair.check_step(threads=threads, deterministic=deterministic)
