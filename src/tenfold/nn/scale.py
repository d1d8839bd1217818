"""A gain and a bias for each channel."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tenfold.backend.arrays import Array, namespace
from tenfold.nn.layer import Backward, Examples, Gradients
from tenfold.nn.onnx_graph import OnnxGraph
from tenfold.nn.per_channel import PerChannel


class Scale(PerChannel):
    """``y = weight * x + bias``, with one number of each for every channel; it starts as ``y = x``.

    Behind `AvgPool2d` it makes the trainable subsampling of the first convolutional networks.
    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    c : int
        Channels.

    References
    ----------
    Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section II.B.
    """

    kind: ClassVar[str] = "scale"
    engine: ClassVar[tuple[str, ...]] = ("per_channel", "scale")
    pointwise: ClassVar[bool] = True

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(5), (5,)), "images": (cls(3), (4, 2, 3))}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp = namespace(x)
        weight, bias = self.params["weight"], self.params["bias"]  # (c,) each
        y = weight * x + bias  # (n, ..., c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            others = tuple(range(dy.ndim - 1))  # the images, and the places in them
            return weight * dy, {"weight": xp.sum(dy * x, axis=others), "bias": xp.sum(dy, axis=others)}

        return y, backward

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        shape = (-1, 1, 1) if len(graph.shape) == 3 else (-1,)  # channels first, beside images
        weight, bias = (
            graph.constant(f"{name}.{part}", graph.arrays[f"{name}.{part}"].astype(np.float32).reshape(shape))
            for part in ("weight", "bias")
        )
        graph.add("Mul", f"{name}.scaled", weight)
        graph.add("Add", f"{name}.output", bias)
