"""Where each tensor lies in the one vector of all parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ALIGN = 16  # floats: a cache line


def aligned(size: int) -> int:
    """The size rounded up to whole cache lines."""
    return (size + _ALIGN - 1) // _ALIGN * _ALIGN


@dataclass
class Parameters:
    """Where each tensor lies in the one vector of all parameters, and what follows from it."""

    offsets: dict[str, int]
    shapes: dict[str, tuple[int, ...]]
    size: int
    statistics: dict[str, tuple[int, tuple[int, ...]]]
    n_statistics: int
    normalised: list[tuple[int, int]]  # channels and numbers an image of each batch normalisation

    @classmethod
    def of(cls, network: Any) -> Parameters:
        """Lay out the parameters and the running statistics of a network, by their dotted names."""
        shapes: dict[str, tuple[int, ...]] = {}
        states: dict[str, tuple[int, ...]] = {}
        found = _with_shapes(network.layers, tuple(network.input_shape))
        normalised = [(shape[-1], math.prod(shape)) for layer, shape in found if layer.kind == "batch_norm"]
        for name, layer in network.layers.items():
            shapes |= {f"{name}.{key}": tuple(shape) for key, shape in layer.param_shapes().items()}
            states |= {f"{name}.{key}": tuple(shape) for key, shape in layer.state_shapes().items()}
        offsets, size = {}, 0
        for name, shape in shapes.items():
            offsets[name] = size
            size += aligned(math.prod(shape))
        statistics, n_statistics = {}, 0
        for name, shape in states.items():
            statistics[name] = n_statistics, shape
            n_statistics += math.prod(shape)
        return cls(offsets, shapes, size, statistics, n_statistics, normalised)


def _with_shapes(layers: Mapping[str, Any], shape: tuple[int, ...]) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """Yield each layer, and those of its parts before it, with the shape of its output."""
    for layer in layers.values():
        for part in getattr(layer, "parts", {}).values():
            yield from _with_shapes(part.layers, shape)
        shape = tuple(layer.output_shape(shape))
        yield layer, shape
