"""The layers that the engine supports. Imports no Numba, so that it can be asked at any time."""

from __future__ import annotations

from typing import Any

KINDS = {
    "dense": "dense",
    "conv2d": "conv",
    "max_pool2d": "pool",
    "avg_pool2d": "pool",
    "flatten": "flatten",
    "relu": "activation",
    "leaky_relu": "activation",
    "tanh": "activation",
    "sigmoid": "activation",
    "dropout": "dropout",
    "batch_norm": "norm",
}
"""Kind of layer -> the method of `program.Builder` that adds its operations."""


def compiled(layer: Any) -> bool:
    """Whether the engine supports the layer."""
    if layer.kind == "leaky_relu" and layer.config()["slope"] < 0:
        return False  # not invertible: the gradient needs the input, which the engine does not keep
    return layer.kind in KINDS
