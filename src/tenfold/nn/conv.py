"""Two-dimensional convolution: the cross-correlation that deep learning calls convolution."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.backend.portable import Pads, patches, patches_adjoint, windows
from tenfold.errors import ConfigError, ShapeError
from tenfold.nn.arguments import IntOrPair, count, pair
from tenfold.nn.initialisers import bias_initialiser, weight_initialiser
from tenfold.nn.layer import Backward, Examples, Gradients, Layer


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
        number of zeros the one more goes below and to the right.
    weight_init, bias_init : str
        Names of initialisers, see `tenfold.nn.initialisers`.

    References
    ----------
    V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning" (arXiv:1603.07285).

    Examples
    --------
    >>> Conv2d(1, 6, 5, padding=2).output_shape((28, 28, 1))
    (28, 28, 6)
    """

    kind: ClassVar[str] = "conv2d"

    @classmethod
    def examples(cls) -> Examples:
        return {
            "": (cls(2, 3, 3), (6, 5, 2)),
            "padding 2": (cls(1, 2, 5, padding=2), (7, 7, 1)),
            "padding same, even kernel": (cls(2, 2, (2, 4), padding="same"), (5, 6, 2)),
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
        weight_init: str = "glorot_uniform",
        bias_init: str = "zeros",
    ) -> None:
        super().__init__()
        self.c_in, self.c_out = count("c_in", c_in), count("c_out", c_out)
        self.kernel, self.stride = pair("kernel", kernel), pair("stride", stride)
        self.padding = "same" if padding == "same" else pair("padding", padding, least=0)
        if padding == "same" and self.stride != (1, 1):
            raise ConfigError(f'padding "same" needs stride 1, got {self.stride}; give padding as numbers')
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
        return {
            "c_in": self.c_in,
            "c_out": self.c_out,
            "kernel": list(self.kernel),
            "stride": list(self.stride),
            "padding": self.padding if isinstance(self.padding, str) else list(self.padding),
            "weight_init": self.weight_init,
            "bias_init": self.bias_init,
        }

    def param_shapes(self) -> dict[str, Shape]:
        return {"weight": (*self.kernel, self.c_in, self.c_out), "bias": (self.c_out,)}

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
        xp = namespace(x)
        weight, bias = self.params["weight"], self.params["bias"]  # (kh, kw, c_in, c_out), (c_out,)
        matrix = xp.reshape(weight, (-1, self.c_out))  # (kh * kw * c_in, c_out)
        rows = patches(x, self.kernel, self.stride, self.pads)  # (n, ho, wo, kh * kw * c_in)
        y = rows @ matrix + bias  # (n, ho, wo, c_out)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # a Dense layer on every window: y = rows @ matrix + bias
            flat_rows = xp.reshape(rows, (-1, matrix.shape[0]))  # (n * ho * wo, kh * kw * c_in)
            flat_dy = xp.reshape(dy, (-1, self.c_out))  # (n * ho * wo, c_out)
            dweight = xp.reshape(flat_rows.T @ flat_dy, weight.shape)  # (kh, kw, c_in, c_out)
            dbias = xp.sum(flat_dy, axis=0)  # (c_out,)
            drows = dy @ matrix.T  # (n, ho, wo, kh * kw * c_in)
            dx = patches_adjoint(drows, x.shape, self.kernel, self.stride, self.pads)  # (n, h, w, c_in)
            return dx, {"weight": dweight, "bias": dbias}

        return y, backward

    def flops(self, shape: Shape) -> int:
        ho, wo, c_out = self.output_shape(shape)
        return 2 * ho * wo * c_out * self.kernel[0] * self.kernel[1] * self.c_in
