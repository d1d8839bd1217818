"""One line of a network's table."""

from __future__ import annotations

import math
from collections.abc import Sequence
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


def layers_cell(rows: Sequence[LayerRow]) -> str:
    """Return a network's table as HTML, for a notebook."""
    from tenfold.pages.cells import cell, table, words

    heads = ("layer", "kind", "output", "parameters")
    texts = [(x.name, x.kind, " x ".join(map(str, x.output_shape)), f"{x.parameters:,}") for x in rows]
    total = words(f"{sum(row.parameters for row in rows):,} parameters")
    return cell("Sequential", table(heads, texts, left=2), total)


def n_parameters(layer: Layer) -> int:
    """Return how many numbers of a layer are trained."""
    return sum(map(math.prod, layer.param_shapes().values()))
