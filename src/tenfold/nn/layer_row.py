"""One line of a network's table."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tenfold.backend.arrays import Shape
from tenfold.nn.layer import Layer


@dataclass(frozen=True)
class LayerRow:
    """One line of a network's table.

    Attributes
    ----------
    name, kind : str
    output_shape : tuple of int
        Without ``n``.
    parameters : int
        How many numbers are trained.
    flops : int
        Operations of one image's forward pass.
    compiled : bool
        Whether compiled code can compute the layer. The others run as written, in NumPy.
    """

    name: str
    kind: str
    output_shape: Shape
    parameters: int
    flops: int
    compiled: bool


def n_parameters(layer: Layer) -> int:
    """Return how many numbers of a layer are trained."""
    return sum(map(math.prod, layer.param_shapes().values()))
