"""The layers that the engine supports. Imports no Numba, so that it can be asked at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

KINDS = {
    "dense": "dense",
    "conv2d": "conv",
    "max_pool2d": "pool",
    "avg_pool2d": "pool",
    "global_avg_pool2d": "global_pool",
    "flatten": "flatten",
    "relu": "relu",
    "dropout": "dropout",
    "scale": "per_channel",
    "layer_norm": "per_channel",
    "batch_norm": "norm",
    "residual": "residual",
}
"""Kind of layer -> the method of `program.Builder` that adds its operations."""


def method(layer: Any) -> str | None:
    """Return the method that adds a layer's operations; None if the engine does not support the layer."""
    return "elementwise" if hasattr(layer, "expressions") else KINDS.get(layer.kind)


def compiled(layer: Any) -> bool:
    """Return whether the engine supports the layer."""
    return method(layer) is not None


def with_shapes(layers: Mapping[str, Any], shape: tuple[int, ...]) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """Yield each layer, and those of its parts before it, with the shape of its output."""
    for layer in layers.values():
        for part in getattr(layer, "parts", {}).values():
            yield from with_shapes(part.layers, shape)
        shape = tuple(layer.output_shape(shape))
        yield layer, shape
