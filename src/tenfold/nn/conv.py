"""Two-dimensional convolution: the cross-correlation that deep learning calls convolution."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.backend.portable import Pads, patches, patches_adjoint, windows
from tenfold.errors import ConfigError, ShapeError
from tenfold.habits import constructor
from tenfold.nn.arguments import IntOrPair, count, padding_of, pair
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.initialisers import bias_initialiser, weight_initialiser
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph


@constructor(
    {
        **LAYER_OPTIONS,
        **dict.fromkeys(("in_features", "input_channels"), "write c_in=1"),
        "strides": "write stride=2",
        **dict.fromkeys(("dilation", "dilation_rate"), "leave it out: kernels have no gaps"),
        "padding_mode": "leave it out: padding is with zeros",
        "data_format": "leave it out: images are (n, h, w, c)",
        **dict.fromkeys(("kernel_initializer", "init"), "write weight_init='he_normal'"),
        "bias_initializer": "write bias_init='zeros'",
        "in_channels": "write c_in=1",
        "out_channels": "write c_out=8",
        "kernel_size": "write kernel=3",
        "filters": "write c_out=8",
        **dict.fromkeys(("bias", "use_bias"), "leave it out: there always is one"),
        "activation": "add a layer after it, such as ReLU()",
    },
    example="Conv2d(1, 8, 3): channels in, channels out, kernel",
)
class Conv2d(Layer):
    """Apply one small kernel of weights in every place of the images.

    ``y[a, b] = sum over i, j of x[a * stride + i, b * stride + j] @ weight[i, j] + bias``, where x is padded
    with zeros.

    Derived in tutorial 2, "Convolution: look together, look everywhere".

    Parameters
    ----------
    c_in, c_out : int
        Channels in and out.
    kernel : int or (int, int)
        Height and width of the kernel.
    stride : int or (int, int)
        Steps of the kernel, in pixels.
    padding : int or (int, int) or "same"
        Rows and columns of zeros on each side. "same" keeps the image's size at stride 1; of an uneven
        number of zeros the one more goes below and to the right. (With other strides, pooling takes "same", a
        convolution does not: how many zeros that needs depends on the image.)
    groups : int
        Into how many groups the channels are split, in and out: an output channel sees those of its group
        alone. With ``groups=c_in`` the convolution is depthwise.
    weight_init, bias_init : str
        Names of initialisers, see `tenfold.nn.initialisers`.

    References
    ----------
    V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning" (arXiv:1603.07285).

    Examples
    --------
    >>> Conv2d(1, 6, 5, padding=2).output_shape((28, 28, 1))
    (28, 28, 6)
    >>> Conv2d(32, 32, 3, groups=32).param_shapes()["weight"]
    (3, 3, 1, 32)
    """

    kind: ClassVar[str] = "conv2d"
    engine: ClassVar[tuple[str, ...]] = ("conv",)

    @classmethod
    def examples(cls) -> Examples:
        return {
            "": (cls(2, 3, 3), (6, 5, 2)),
            "padding 2": (cls(1, 2, 5, padding=2), (7, 7, 1)),
            "padding same, even kernel": (cls(2, 2, (2, 4), padding="same"), (5, 6, 2)),
            "two groups": (cls(4, 6, 3, padding=1, groups=2), (6, 5, 4)),
            "depthwise": (cls(3, 3, 3, stride=2, groups=3), (7, 6, 3)),
            "stride (2, 3)": (cls(2, 3, (3, 2), stride=(2, 3), padding=(1, 0)), (8, 9, 2)),
        }

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: IntOrPair,
        *,
        stride: IntOrPair = 1,
        padding: IntOrPair | Literal["same"] = 0,
        groups: int = 1,
        weight_init: str = "glorot_uniform",
        bias_init: str = "zeros",
    ) -> None:
        super().__init__()
        self.c_in, self.c_out = count("c_in", c_in), count("c_out", c_out)
        self.kernel, self.stride = pair("kernel", kernel), pair("stride", stride)
        self.padding = padding_of(padding)
        if self.padding == "same" and self.stride != (1, 1):
            raise ConfigError(f'padding "same" needs stride 1, got {self.stride}; give padding as numbers')
        self.groups = count("groups", groups)
        if self.c_in % self.groups or self.c_out % self.groups:
            raise ConfigError(
                f"groups: expected a divisor of c_in={self.c_in} and c_out={self.c_out}, got {self.groups}; "
                "change one of them"
            )
        self.weight_init, self.bias_init = weight_init, bias_init
        self._draw_weight, self._draw_bias = weight_initialiser(weight_init), bias_initialiser(bias_init)

    @property
    def pads(self) -> Pads:
        """Zeros added ((above, below), (left, right))."""
        if isinstance(self.padding, str):
            kh, kw = self.kernel
            return ((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2)
        ph, pw = self.padding
        return (ph, ph), (pw, pw)

    def config(self) -> dict[str, Any]:
        groups = {} if self.groups == 1 else {"groups": self.groups}  # older configurations have none
        return {
            "c_in": self.c_in,
            "c_out": self.c_out,
            "kernel": list(self.kernel),
            "stride": list(self.stride),
            "padding": self.padding if isinstance(self.padding, str) else list(self.padding),
            "weight_init": self.weight_init,
            "bias_init": self.bias_init,
            **groups,
        }

    def param_shapes(self) -> dict[str, Shape]:
        return {"weight": (*self.kernel, self.c_in // self.groups, self.c_out), "bias": (self.c_out,)}

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3 or shape[2] != self.c_in:
            advice = f"set c_in={shape[2]}" if len(shape) == 3 else "it takes images, not vectors"
            raise ShapeError(f"expected images of shape (h, w, {self.c_in}), got {shape}; {advice}")
        ho, wo = windows((shape[0], shape[1]), self.kernel, self.stride, self.pads)
        if ho < 1 or wo < 1:
            raise ShapeError(
                f"expected images of at least the kernel's size {self.kernel}, got {shape[:2]} "
                f"with padding {self.pads}; take a smaller kernel or more padding"
            )
        return ho, wo, self.c_out

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        shapes = self.param_shapes()
        weight = self._draw_weight(rng, shapes["weight"], dtype)
        self.params = {"weight": weight, "bias": self._draw_bias(rng, shapes["bias"], dtype)}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp, g = namespace(x), self.groups
        weight, bias = self.params["weight"], self.params["bias"]  # (kh, kw, c_in / g, c_out), (c_out,)
        rows = patches(x, self.kernel, self.stride, self.pads)  # (n, ho, wo, kh * kw * c_in)
        windows_of = _by_group(xp, rows, (self.kernel[0] * self.kernel[1], g))  # (g, n * ho * wo, k)
        matrices = _by_group(xp, weight, (1, g))  # (g, k, c_out / g) with k = kh * kw * c_in / g
        shape = (*rows.shape[:3], self.c_out)
        y = xp.reshape(xp.permute_dims(windows_of @ matrices, (1, 0, 2)), shape) + bias  # (n, ho, wo, c_out)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # a Dense layer on every window of every group: y = windows @ matrix + bias
            by_group = _by_group(xp, dy, (1, g))  # (g, n * ho * wo, c_out / g)
            dmatrices = xp.matrix_transpose(windows_of) @ by_group  # (g, k, c_out / g)
            dweight = xp.reshape(xp.permute_dims(dmatrices, (1, 0, 2)), weight.shape)
            dbias = xp.sum(dy, axis=(0, 1, 2))  # (c_out,)
            dwindows = by_group @ xp.matrix_transpose(matrices)  # (g, n * ho * wo, k)
            drows = _from_groups(xp, dwindows, rows.shape, self.kernel[0] * self.kernel[1])
            dx = patches_adjoint(drows, x.shape, self.kernel, self.stride, self.pads)  # (n, h, w, c_in)
            return dx, {"weight": dweight, "bias": dbias}

        return y, backward

    def flops(self, shape: Shape) -> int:
        ho, wo, c_out = self.output_shape(shape)
        return 2 * ho * wo * c_out * self.kernel[0] * self.kernel[1] * self.c_in // self.groups

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        (top, bottom), (left, right) = self.pads
        graph.add(
            "Conv",
            f"{name}.output",
            graph.parameter(f"{name}.weight", (3, 2, 0, 1)),  # (kh, kw, c, c_out) -> (c_out, c, kh, kw)
            graph.parameter(f"{name}.bias"),
            kernel_shape=self.kernel,
            strides=self.stride,
            pads=[top, left, bottom, right],
            group=self.groups,
        )


def _by_group(xp: Any, x: Array, split: tuple[int, int]) -> Array:
    """Split the last axis into (p, groups, c / groups) and bring the groups to the front.

    The result has the shape (groups, all other axes, p * c / groups).
    """
    p, g = split
    parts = xp.permute_dims(xp.reshape(x, (-1, p, g, x.shape[-1] // (p * g))), (2, 0, 1, 3))
    return xp.reshape(parts, (g, parts.shape[1], -1))


def _from_groups(xp: Any, parts: Array, shape: Shape, p: int) -> Array:
    """Return what `_by_group` split, in its old shape."""
    g, m, k = parts.shape
    return xp.reshape(xp.permute_dims(xp.reshape(parts, (g, m, p, k // p)), (1, 2, 0, 3)), shape)
