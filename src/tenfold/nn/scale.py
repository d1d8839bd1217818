"""A gain and a bias for each channel."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.errors import ShapeError
from tenfold.nn.arguments import count
from tenfold.nn.layer import Backward, Examples, Gradients, Layer


class Scale(Layer):
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
    pointwise: ClassVar[bool] = True

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(5), (5,)), "images": (cls(3), (4, 2, 3))}

    def __init__(self, c: int) -> None:
        super().__init__()
        self.c = count("c", c)

    def config(self) -> dict[str, Any]:
        return {"c": self.c}

    def param_shapes(self) -> dict[str, Shape]:
        return {"weight": (self.c,), "bias": (self.c,)}

    def output_shape(self, shape: Shape) -> Shape:
        if shape[-1] != self.c:
            raise ShapeError(f"expected {self.c} channels on the last axis, got {shape}; set c={shape[-1]}")
        return shape

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        self.params = {"weight": np.ones(self.c, dtype), "bias": np.zeros(self.c, dtype)}

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

    def flops(self, shape: Shape) -> int:
        return 2 * int(np.prod(shape))
