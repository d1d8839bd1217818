"""Residual blocks in the compiled engine against their definition: what a block begins and ends with."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.nn import (
    GELU,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    LayerNorm,
    MaxPool2d,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    SiLU,
    Tanh,
)

IMAGE = (8, 6, 4)


def network(c, stride, *, norm):
    """Two blocks of usual kinds; the first begins with a ReLU, which must not overwrite what is added."""
    normed = {"norm": BatchNorm(c)} if norm else {}
    first = Sequential(
        {
            "relu0": ReLU(),
            "conv1": Conv2d(4, c, 3, stride=stride, padding=1),
            **normed,
            "relu1": ReLU(),
            "drop": Dropout(0.2),
            "conv2": Conv2d(c, c, 3, padding=1),
        },
        IMAGE,
    )
    shortcut = Sequential({"conv": Conv2d(4, c, 1, stride=stride)}, IMAGE) if stride > 1 else None
    second = {
        "gelu": GELU(),
        "conv": Conv2d(c, c, 3, padding=1, groups=c),
        "norm": LayerNorm(c),
        "act": SiLU(),
    }
    return {
        "conv": Conv2d(2, 4, 3, padding=1),
        "relu0": ReLU(),
        "first": Residual(first, shortcut),
        "relu1": ReLU(),
        "second": Residual(Sequential(second, first.output_shape)),
        "pool": MaxPool2d(2),
        "mean": GlobalAvgPool2d(),
        "fc": Dense(c, 5),
    }


def residual(shape, block, shortcut=None):
    return Residual(Sequential(block, shape), None if shortcut is None else Sequential(shortcut, shape))


NETWORKS = {
    "identity": network(4, 1, norm=False),
    "shortcut": network(6, 2, norm=False),
    "identity, batch_norm": network(4, 1, norm=True),
    "shortcut, batch_norm": network(6, 2, norm=True),
    "a part without operations": {
        "conv": Conv2d(2, 3, 1),
        "first": residual((8, 6, 3), {"drop": Dropout(0.0)}),
        "second": residual((8, 6, 3), {"act": Sigmoid()}, {"drop": Dropout(0.0)}),
        "flatten": Flatten(),
    },
    "at the input, one in another": {
        "first": residual(
            (8, 6, 2),
            {"conv": Conv2d(2, 2, 3, padding=1), "inner": residual((8, 6, 2), {"conv": Conv2d(2, 2, 1)})},
        ),
        "flatten": Flatten(),
        "fc": Dense(96, 3),
    },
    "vectors": {
        "flatten": Flatten(),
        "fc": Dense(96, 8),
        "relu0": ReLU(),
        "first": residual((8,), {"fc1": Dense(8, 8), "relu": ReLU(), "fc2": Dense(8, 8)}),
        "relu1": ReLU(),
        "second": residual((8,), {"fc": Dense(8, 5), "tanh": Tanh()}, {"fc": Dense(8, 5)}),
    },
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_the_definitions(twins, name, threads):
    twins(NETWORKS[name], (8, 6, 2), n=9).check_step(threads=threads)


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_are_the_definitions(twins, name):
    pair = twins(NETWORKS[name], (8, 6, 2))
    want = pair.double.infer(pair.x.astype(float))
    np.testing.assert_allclose(pair.engine().logits(pair.x), want, rtol=1e-5, atol=1e-5 * abs(want).max())
