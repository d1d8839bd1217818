"""Which layers the engine knows; one may ask without waiting for Numba."""

from __future__ import annotations

from typing import Any

LAYERS = frozenset(
    "dense conv2d max_pool2d avg_pool2d flatten relu leaky_relu tanh sigmoid dropout batch_norm".split()
)


def compiled(layer: Any) -> bool:
    """Whether the engine knows the layer."""
    if layer.kind == "leaky_relu" and layer.config()["slope"] < 0:
        return False  # its derivative could not be told from its output
    return layer.kind in LAYERS
