"""A convolution in which an output sees only some of the inputs' channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from tenfold.backend.arrays import Array, Shape, asarray_like, namespace
from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.nn.arguments import IntOrPair, count, pair
from tenfold.nn.conv import Conv2d
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.initialisers import bias_initialiser, weight_initialiser
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph
from tenfold.quoting import quoted


@constructor(LAYER_OPTIONS)
class PartialConv2d(Layer):
    """`Conv2d` without padding, in steps of one pixel, with a table of which output sees which inputs.

    The kernels that there are stand side by side: ``weight[i, j, m]`` belongs to the m-th connection of the
    table. A constant matrix of 0 and 1 puts them in their places: ``full = weight @ places``.
    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    c_in : int
        Channels in.
    table : sequence of sequences of int
        For each output channel, the input channels that it sees.
    kernel : int or (int, int)
        Height and width of the window.
    weight_init, bias_init : str
        Names of initialisers, see `tenfold.nn.initialisers`.

    Raises
    ------
    ConfigError
        If the table names a channel twice for an output, or one that there is not.

    References
    ----------
    Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), table I.

    Examples
    --------
    >>> PartialConv2d(3, [[0, 1], [1, 2], [0, 1, 2]], 5).param_shapes()
    {'weight': (5, 5, 7), 'bias': (3,)}
    """

    kind: ClassVar[str] = "partial_conv2d"

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(3, [[0, 1], [2], [0, 1, 2], [2, 0]], (3, 2)), (5, 4, 3))}

    def __init__(
        self,
        c_in: int,
        table: Sequence[Sequence[int]],
        kernel: IntOrPair,
        *,
        weight_init: str = "glorot_uniform",
        bias_init: str = "zeros",
    ) -> None:
        super().__init__()
        self.c_in, self.kernel = count("c_in", c_in), pair("kernel", kernel)
        self.table = _checked(table, self.c_in)
        self.weight_init, self.bias_init = weight_init, bias_init
        self._draw_weight, self._draw_bias = weight_initialiser(weight_init), bias_initialiser(bias_init)

    def config(self) -> dict[str, Any]:
        return {
            "c_in": self.c_in,
            "table": [list(row) for row in self.table],
            "kernel": list(self.kernel),
            "weight_init": self.weight_init,
            "bias_init": self.bias_init,
        }

    def param_shapes(self) -> dict[str, Shape]:
        return {"weight": (*self.kernel, sum(map(len, self.table))), "bias": (len(self.table),)}

    def output_shape(self, shape: Shape) -> Shape:
        return self._whole().output_shape(shape)

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        """Draw a whole convolution's weights, and keep those of the connections that there are."""
        full = self._draw_weight(rng, (*self.kernel, self.c_in, len(self.table)), dtype)
        weight = full.reshape(*self.kernel, -1) @ self.places().T.astype(dtype)
        bias = self._draw_bias(rng, (len(self.table),), dtype)
        self.params = {"weight": weight, "bias": bias}

    def places(self) -> np.ndarray[Any, Any]:
        """Return the place of each connection among all: (connections, c_in * c_out), 0 and 1."""
        c_out = len(self.table)
        at = [seen * c_out + output for output, row in enumerate(self.table) for seen in row]
        return np.eye(self.c_in * c_out)[at]

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp = namespace(x)
        weight, whole = self.params["weight"], self._whole()  # (kh, kw, m)
        places = asarray_like(self.places(), weight, weight.dtype)  # (m, c_in * c_out)
        full = xp.reshape(weight @ places, whole.param_shapes()["weight"])  # (kh, kw, c_in, c_out)
        whole.params = {"weight": full, "bias": self.params["bias"]}
        y, whole_backward = whole.forward(x)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # full = weight @ places, so dweight = dfull @ places.T
            dx, grads = whole_backward(dy)
            dfull = xp.reshape(grads["weight"], (*self.kernel, -1))  # (kh, kw, c_in * c_out)
            return dx, {"weight": dfull @ places.T, "bias": grads["bias"]}

        return y, backward

    def flops(self, shape: Shape) -> int:
        ho, wo, _ = self.output_shape(shape)
        return 2 * ho * wo * self.kernel[0] * self.kernel[1] * sum(map(len, self.table))

    def _whole(self) -> Conv2d:
        return Conv2d(self.c_in, len(self.table), self.kernel)

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        """Append a convolution whose missing connections are zeros."""
        kernel = list(self.kernel)
        full = graph.arrays[f"{name}.weight"] @ self.places()
        full = full.reshape(*kernel, self.c_in, -1).astype(np.float32)
        weight = graph.constant(f"{name}.weight", full.transpose(3, 2, 0, 1))
        graph.add("Conv", f"{name}.output", weight, graph.parameter(f"{name}.bias"), kernel_shape=kernel)


def _checked(table: object, c_in: int) -> tuple[tuple[int, ...], ...]:
    rows = table if isinstance(table, Sequence) and not isinstance(table, str) else ()
    if not rows or not all(_is_row(row, c_in) for row in rows):
        raise ConfigError(
            f"table: expected for each output the input channels that it sees, each once, from 0 to "
            f"{c_in - 1}, got {quoted(table)}; correct it"
        )
    return tuple(tuple(int(seen) for seen in row) for row in rows)


def _is_row(row: object, c_in: int) -> bool:
    if not isinstance(row, Sequence) or isinstance(row, str) or not row:
        return False
    whole = all(isinstance(seen, int) and not isinstance(seen, bool) and 0 <= seen < c_in for seen in row)
    return whole and len(set(row)) == len(row)
