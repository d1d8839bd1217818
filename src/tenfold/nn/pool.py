"""Pooling: many pixels of a channel become one."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.backend.portable import (
    max_of_windows,
    max_of_windows_adjoint,
    mean_of_windows,
    mean_of_windows_adjoint,
    windows,
)
from tenfold.errors import ShapeError
from tenfold.habits import constructor
from tenfold.nn.arguments import IntOrPair, pair
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph


@constructor(
    {
        **LAYER_OPTIONS,
        **dict.fromkeys(("kernel_size", "pool_size"), "write size=2"),
        "strides": "write stride=2",
        **dict.fromkeys(("padding", "ceil_mode"), "leave it out: what fills no whole window is left out"),
    }
)
class _Pool2d(Layer):
    """What both kinds share: the windows' size and steps."""

    def __init__(self, size: IntOrPair, stride: IntOrPair | None = None) -> None:
        super().__init__()
        self.size = pair("size", size)
        self.stride = self.size if stride is None else pair("stride", stride)

    def config(self) -> dict[str, Any]:
        return {"size": list(self.size), "stride": list(self.stride)}

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise ShapeError(f"expected images of shape (h, w, c), got {shape}; pool before Flatten")
        ho, wo = windows((shape[0], shape[1]), self.size, self.stride)
        if ho < 1 or wo < 1:
            raise ShapeError(
                f"expected images of at least {self.size}, got {shape[:2]}; take a smaller size or pool less"
            )
        return ho, wo, shape[2]


class MaxPool2d(_Pool2d):
    """The largest pixel of each window, channel by channel.

    Rows and columns that fill no whole window are left out. On a tie the gradient goes to the first
    of the largest pixels in row-major order; a NaN in the window comes out as NaN.

    Derived in tutorial 2, "Pooling: small shifts do not matter".

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Steps of the window; its size if not given.
    """

    kind: ClassVar[str] = "max_pool2d"
    engine: ClassVar[tuple[str, ...]] = ("pool", "max")

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(2), (6, 5, 3)), "overlapping": (cls(3, stride=2), (7, 8, 2))}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        y, position = max_of_windows(x, self.size, self.stride)  # (n, ho, wo, c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx is 1 for the pixel that was the largest, and 0 for the others
            return max_of_windows_adjoint(dy, position, x.shape, self.size, self.stride), {}

        return y, backward

    def gaps(self, x: Array) -> Array:
        """Return by how much the largest pixel of each window exceeds the next."""
        (sh, sw), seen = self.stride, sliding_window_view(x, self.size, axis=(1, 2))
        ordered = np.sort(seen[:, ::sh, ::sw].reshape(-1, math.prod(self.size)))
        return np.diff(ordered[:, -2:])

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("MaxPool", f"{name}.output", kernel_shape=self.size, strides=self.stride)


class AvgPool2d(_Pool2d):
    """The mean of each window, channel by channel.

    Rows and columns that fill no whole window are left out.

    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Steps of the window; its size if not given.
    """

    kind: ClassVar[str] = "avg_pool2d"
    engine: ClassVar[tuple[str, ...]] = ("pool", "mean")

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(2), (6, 5, 3)), "overlapping": (cls((3, 2), stride=1), (5, 6, 2))}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        y = mean_of_windows(x, self.size, self.stride)  # (n, ho, wo, c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx is 1 / (size of the window) for each of its pixels
            return mean_of_windows_adjoint(dy, x.shape, self.size, self.stride), {}

        return y, backward

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("AveragePool", f"{name}.output", kernel_shape=self.size, strides=self.stride)


class GlobalAvgPool2d(Layer):
    """The mean of each channel over the whole image: (n, h, w, c) to (n, c).

    Derived in tutorial 5, "The other layers and losses".

    References
    ----------
    M. Lin, Q. Chen, S. Yan, "Network In Network" (arXiv:1312.4400), section 3.2.

    Examples
    --------
    >>> GlobalAvgPool2d().output_shape((7, 7, 64))
    (64,)
    """

    kind: ClassVar[str] = "global_avg_pool2d"
    engine: ClassVar[tuple[str, ...]] = ("global_pool", "mean")

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (6, 5, 3))}

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise ShapeError(f"expected images of shape (h, w, c), got {shape}; pool before Flatten")
        return (shape[2],)

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp, (_, h, w, _) = namespace(x), x.shape
        y = xp.mean(x, axis=(1, 2))  # (n, c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx is 1 / (h w) for every pixel
            return xp.broadcast_to(dy[:, None, None, :] / (h * w), x.shape), {}

        return y, backward

    def flops(self, shape: Shape) -> int:
        return math.prod(shape)

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("ReduceMean", f"{name}.output", axes=[2, 3], keepdims=0)
