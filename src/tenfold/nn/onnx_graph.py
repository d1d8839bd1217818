"""The ONNX graph to which an exported layer appends its nodes; ONNX itself is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from tenfold.backend.arrays import Shape

CHANNELS_FIRST, CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]
"""The axes of images: between layers they are (n, c, h, w), as ONNX has them; ours are (n, h, w, c)."""


class OnnxGraph(Protocol):
    """An ONNX graph in the making: a chain of nodes, each fed by the one before.

    Attributes
    ----------
    arrays : mapping of str to array
        The network's parameters and running statistics by dotted name.
    at : str
        The name of the value that the chain has come to.
    shape : tuple of int
        Of one image, or vector, in that value: (h, w, c) or (c,).
    """

    arrays: Mapping[str, NDArray[Any]]
    at: str
    shape: Shape

    def add(self, op: str, out: str, *inputs: str, **attributes: Any) -> None:
        """Append a node that takes where the chain is, and then ``inputs``; continue from its output."""

    def add_layers(self, layers: Mapping[str, Any], prefix: str = "") -> None:
        """Append the nodes of layers, each fed by the one before."""

    def constant(self, name: str, value: NDArray[Any] | float) -> str:
        """Keep an array, or a number as float32, in the graph and return its name."""

    def parameter(self, name: str, axes: tuple[int, ...] | None = None) -> str:
        """Keep one of the network's arrays under its own name, perhaps with other axes; return the name."""
