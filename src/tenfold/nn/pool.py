"""Pooling: many pixels of a channel become one."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.backend.portable import (
    Pads,
    max_of_windows,
    max_of_windows_adjoint,
    mean_of_windows,
    mean_of_windows_adjoint,
    pad,
    windows,
)
from tenfold.errors import ConfigError, ShapeError
from tenfold.habits import constructor
from tenfold.nn.arguments import IntOrPair, padding_of, pair
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph


@constructor(
    {
        **LAYER_OPTIONS,
        **dict.fromkeys(("kernel_size", "pool_size"), "write size=2"),
        "strides": "write stride=2",
        "ceil_mode": "write padding='same', which is the same for a size and stride of 2",
        "count_include_pad": "leave it out: the mean is that of the pixels in the image",
        "dilation": "leave it out: windows have no gaps",
    }
)
class _Pool2d(Layer):
    """What both kinds share: the windows' size and steps, and how far they reach beyond the image."""

    def __init__(
        self,
        size: IntOrPair,
        stride: IntOrPair | None = None,
        *,
        padding: IntOrPair | Literal["same"] = 0,
    ) -> None:
        super().__init__()
        self.size = pair("size", size)
        self.stride = self.size if stride is None else pair("stride", stride)
        self.padding = padding_of(padding)
        if not isinstance(self.padding, str) and any(
            2 * p > k for p, k in zip(self.padding, self.size, strict=True)
        ):
            raise ConfigError(
                f"padding: expected at most half of the size {self.size}, as in PyTorch, got {self.padding}; "
                "take less"
            )

    def config(self) -> dict[str, Any]:
        padding = self.padding if isinstance(self.padding, str) else list(self.padding)
        padded = {} if padding == [0, 0] else {"padding": padding}  # older configurations have none
        return {"size": list(self.size), "stride": list(self.stride), **padded}

    def pads(self, shape: Shape) -> Pads:
        """Return by how many pixels windows reach beyond images (h, w, ...)."""
        if not isinstance(self.padding, str):
            ph, pw = self.padding
            return (ph, ph), (pw, pw)
        high, wide = (
            max((math.ceil(side / step) - 1) * step + window - side, 0)
            for side, window, step in zip(shape[:2], self.size, self.stride, strict=True)
        )
        return (high // 2, high - high // 2), (wide // 2, wide - wide // 2)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise ShapeError(f"expected images of shape (h, w, c), got {shape}; pool before Flatten")
        ho, wo = windows((shape[0], shape[1]), self.size, self.stride, self.pads(shape))
        if ho < 1 or wo < 1:
            (top, bottom), (left, right) = self.pads(shape)
            least = max(self.size[0] - top - bottom, 1), max(self.size[1] - left - right, 1)
            raise ShapeError(
                f"expected images of at least {least}, got {shape[:2]}; take a smaller size or pool less"
            )
        return ho, wo, shape[2]

    def _onnx(self, shape: Shape) -> dict[str, Any]:
        """Return the attributes of the node in ONNX."""
        (top, bottom), (left, right) = self.pads(shape)
        pads = {"pads": [top, left, bottom, right]} if top or bottom or left or right else {}
        return {"kernel_shape": self.size, "strides": self.stride, **pads}


class MaxPool2d(_Pool2d):
    """The largest pixel of each window, channel by channel.

    On a tie the gradient goes to the first of the largest pixels in row-major order; a NaN in the window
    comes out as NaN.

    Derived in tutorial 2, "Pooling: small shifts do not matter".

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Steps of the window; its size if not given.
    padding : int or (int, int) or "same"
        By how many pixels windows reach beyond each side of the image; only pixels in the image count. With
        0, rows and columns that fill no whole window are left out. With "same" they make smaller windows,
        ceil(h / stride) times ceil(w / stride) in all, as ``padding="same"`` in Keras: what is missing is
        shared by both sides, and an odd pixel is below or to the right. For a size and stride of 2 these are
        the windows of ``ceil_mode=True`` in PyTorch, which for larger ones adds only below and to the right.

    Examples
    --------
    >>> MaxPool2d(2).output_shape((7, 7, 8)), MaxPool2d(2, padding="same").output_shape((7, 7, 8))
    ((3, 3, 8), (4, 4, 8))
    """

    kind: ClassVar[str] = "max_pool2d"
    engine: ClassVar[tuple[str, ...]] = ("pool", "max")

    @classmethod
    def examples(cls) -> Examples:
        return {
            "": (cls(2), (6, 5, 3)),
            "overlapping": (cls(3, stride=2), (7, 8, 2)),
            "padding 1": (cls(3, stride=2, padding=1), (8, 7, 2)),
            "padding same": (cls(2, padding="same"), (7, 5, 3)),
        }

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        places = self.size, self.stride, self.pads(x.shape[1:])
        y, position = max_of_windows(x, *places)  # (n, ho, wo, c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx is 1 for the pixel that was the largest, and 0 for the others
            return max_of_windows_adjoint(dy, position, x.shape, *places), {}

        return y, backward

    def gaps(self, x: Array) -> Array:
        """Return by how much the largest pixel of each window exceeds the next."""
        padded = pad(x, self.pads(x.shape[1:]), -math.inf)
        (sh, sw), seen = self.stride, sliding_window_view(padded, self.size, axis=(1, 2))
        ordered = np.sort(seen[:, ::sh, ::sw].reshape(-1, math.prod(self.size)))
        return np.diff(ordered[:, -2:])

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("MaxPool", f"{name}.output", **self._onnx(graph.shape))


class AvgPool2d(_Pool2d):
    """The mean of each window, channel by channel.

    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Steps of the window; its size if not given.
    padding : int or (int, int) or "same"
        As for `MaxPool2d`: the mean is that of the pixels in the image (``count_include_pad=False`` in
        PyTorch).
    """

    kind: ClassVar[str] = "avg_pool2d"
    engine: ClassVar[tuple[str, ...]] = ("pool", "mean")

    @classmethod
    def examples(cls) -> Examples:
        return {
            "": (cls(2), (6, 5, 3)),
            "overlapping": (cls((3, 2), stride=1), (5, 6, 2)),
            "padding 1": (cls(3, stride=2, padding=1), (8, 7, 2)),
            "padding same": (cls(2, padding="same"), (7, 5, 3)),
        }

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        places = self.size, self.stride, self.pads(x.shape[1:])
        y = mean_of_windows(x, *places)  # (n, ho, wo, c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx is 1 / (pixels in the window) for each of them
            return mean_of_windows_adjoint(dy, x.shape, *places), {}

        return y, backward

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("AveragePool", f"{name}.output", **self._onnx(graph.shape))


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
