"""From images to vectors."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import CHANNELS_LAST, OnnxGraph


class Flatten(Layer):
    """Lay each image out as one vector, in the order (row, column, channel).

    Derived in tutorial 5, "The other layers and losses".
    """

    kind: ClassVar[str] = "flatten"
    engine: ClassVar[tuple[str, ...]] = ("flatten",)

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (3, 2, 4))}

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp = namespace(x)
        y = xp.reshape(x, (x.shape[0], math.prod(x.shape[1:])))  # (n, h * w * c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            return xp.reshape(dy, x.shape), {}

        return y, backward

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        if len(graph.shape) == 3:
            graph.add("Transpose", f"{name}.input", perm=CHANNELS_LAST)
        # 0: as many as there are; -1 could not be told of none
        lengths = np.array([0, math.prod(graph.shape)])
        graph.add("Reshape", f"{name}.output", graph.constant(f"{name}.lengths", lengths))
