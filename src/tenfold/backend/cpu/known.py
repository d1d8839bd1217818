"""The layers that the engine supports. Imports no Numba, so that it can be asked at any time."""

from __future__ import annotations

from typing import Any

KINDS = {
    "dense": "dense",
    "conv2d": "conv",
    "max_pool2d": "pool",
    "avg_pool2d": "pool",
    "flatten": "flatten",
    "relu": "relu",
    "dropout": "dropout",
    "batch_norm": "norm",
}
"""Kind of layer -> the method of `program.Builder` that adds its operations."""


def method(layer: Any) -> str | None:
    """Return the method that adds a layer's operations; None if the engine does not support the layer."""
    return "elementwise" if hasattr(layer, "expressions") else KINDS.get(layer.kind)


def compiled(layer: Any) -> bool:
    """Return whether the engine supports the layer."""
    return method(layer) is not None
