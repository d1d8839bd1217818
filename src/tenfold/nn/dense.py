"""The fully connected layer."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.errors import ShapeError
from tenfold.habits import constructor
from tenfold.nn.arguments import count
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.initialisers import bias_initialiser, weight_initialiser
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph


@constructor(
    {
        **LAYER_OPTIONS,
        "*": "weight_init and bias_init are given by name; an activation is a layer after it, such as ReLU()",
        **dict.fromkeys(("input_dim", "input_size", "n_in"), "write c_in=784"),
        **dict.fromkeys(("output_dim", "output_size", "n_out"), "write c_out=10"),
        **dict.fromkeys(("kernel_initializer", "init"), "write weight_init='he_normal'"),
        "bias_initializer": "write bias_init='zeros'",
        "in_features": "write c_in=784",
        "out_features": "write c_out=10",
        "units": "write Dense(784, 10)",
        **dict.fromkeys(("bias", "use_bias"), "leave it out: there always is one"),
        "activation": "add a layer after it, such as ReLU()",
    },
    example="Dense(784, 10): numbers in, numbers out",
)
class Dense(Layer):
    """Affine map ``y = x @ weight + bias``.

    Derived in tutorial 2, "A dense layer: many neurons at once".

    Parameters
    ----------
    c_in, c_out : int
        How many numbers go in and come out.
    weight_init, bias_init : str
        Names of initialisers, see `tenfold.nn.initialisers`.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Dense(3, 2)
    >>> layer.initialise(np.random.default_rng(0))
    >>> y, backward = layer.forward(np.ones((5, 3), np.float32))
    >>> dx, grads = backward(np.ones_like(y))
    >>> y.shape, dx.shape, grads["weight"].shape
    ((5, 2), (5, 3), (3, 2))
    """

    kind: ClassVar[str] = "dense"
    engine: ClassVar[tuple[str, ...]] = ("dense",)

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(7, 5), (7,))}

    def __init__(
        self, c_in: int, c_out: int, *, weight_init: str = "glorot_uniform", bias_init: str = "zeros"
    ) -> None:
        super().__init__()
        self.c_in, self.c_out = count("c_in", c_in), count("c_out", c_out)
        self.weight_init, self.bias_init = weight_init, bias_init
        self._draw_weight, self._draw_bias = weight_initialiser(weight_init), bias_initialiser(bias_init)

    def config(self) -> dict[str, Any]:
        return {
            "c_in": self.c_in,
            "c_out": self.c_out,
            "weight_init": self.weight_init,
            "bias_init": self.bias_init,
        }

    def param_shapes(self) -> dict[str, Shape]:
        return {"weight": (self.c_in, self.c_out), "bias": (self.c_out,)}

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ShapeError(f"expected vectors of shape ({self.c_in},), got {shape}; put Flatten before it")
        if shape != (self.c_in,):
            raise ShapeError(f"expected vectors of shape ({self.c_in},), got {shape}; set c_in={shape[0]}")
        return (self.c_out,)

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        shapes = self.param_shapes()
        weight = self._draw_weight(rng, shapes["weight"], dtype)
        self.params = {"weight": weight, "bias": self._draw_bias(rng, shapes["bias"], dtype)}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        weight, bias = self.params["weight"], self.params["bias"]  # (c_in, c_out), (c_out,)
        y = x @ weight + bias  # (n, c_out)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # y_j = sum_i x_i weight_ij + bias_j, for each image; a parameter's gradient adds up the images'
            dweight = x.T @ dy  # (c_in, c_out)
            dbias = namespace(dy).sum(dy, axis=0)  # (c_out,)
            dx = dy @ weight.T  # (n, c_in)
            return dx, {"weight": dweight, "bias": dbias}

        return y, backward

    def flops(self, shape: Shape) -> int:
        return 2 * self.c_in * self.c_out

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        weight, bias = graph.parameter(f"{name}.weight"), graph.parameter(f"{name}.bias")
        graph.add("Gemm", f"{name}.output", weight, bias)
