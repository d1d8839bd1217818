"""Activation functions, applied elementwise."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from tenfold.backend.arrays import Array, namespace
from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.nn.arguments import is_finite_number, positive
from tenfold.nn.elementwise import Elementwise
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph

AMPLITUDE, SLOPE = 1.7159, 2 / 3
"""Of `ScaledTanh`."""

GELU_SCALE, GELU_CUBIC = math.sqrt(2 / math.pi), 0.044715
"""Of `GELU`."""


class ReLU(Layer):
    """``y = max(x, 0)``; NaN stays NaN. The slope at 0 is taken as 0.

    Derived in tutorial 2, "ReLU: an activation function".

    References
    ----------
    V. Nair, G. Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines" (2010).
    """

    kind: ClassVar[str] = "relu"
    engine: ClassVar[tuple[str, ...]] = ("relu",)
    pointwise: ClassVar[bool] = True
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (11,))}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp = namespace(x)
        off = x <= 0  # false for NaN, which therefore goes through
        zero = xp.zeros_like(x)
        y = xp.where(off, zero, x)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx = 0 where x <= 0, else 1
            return xp.where(off, zero, dy), {}

        return y, backward

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("Relu", f"{name}.output")


@constructor({**LAYER_OPTIONS, **dict.fromkeys(("negative_slope", "alpha"), "write slope=0.1")})
class LeakyReLU(Elementwise):
    """``y = x`` above zero and ``slope * x`` below.

    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    slope : float
        The slope below zero.
    """

    kind: ClassVar[str] = "leaky_relu"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        if not is_finite_number(slope):
            raise ConfigError(f"slope: expected a finite number, got {slope!r}")
        self.slope = float(slope)

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(0.1), (11,)), "falling": (cls(-0.5), (11,))}

    @staticmethod
    def function(x: Array, slope: float) -> Array:
        return namespace(x).where(x <= 0, slope * x, x)

    @staticmethod
    def derivative(x: Array, slope: float) -> Array:
        xp = namespace(x)
        one = xp.ones_like(x)
        return xp.where(x <= 0, slope * one, one)

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("LeakyRelu", f"{name}.output", alpha=self.slope)


class Tanh(Elementwise):
    """``y = tanh(x)``, between -1 and 1.

    Derived in tutorial 5, "The other layers and losses".
    """

    kind: ClassVar[str] = "tanh"

    @staticmethod
    def function(x: Array) -> Array:
        return namespace(x).tanh(x)

    @staticmethod
    def derivative(y: Array) -> Array:
        return 1 - y * y

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("Tanh", f"{name}.output")


class ScaledTanh(Elementwise):
    """``y = A tanh(S x)`` with A = 1.7159 and S = 2/3, so that 1 gives 1 and -1 gives -1.

    Derived in tutorial 5, "The other layers and losses".

    References
    ----------
    Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), appendix A.
    """

    kind: ClassVar[str] = "scaled_tanh"

    @staticmethod
    def function(x: Array) -> Array:
        return AMPLITUDE * namespace(x).tanh(SLOPE * x)

    @staticmethod
    def derivative(y: Array) -> Array:
        t = y / AMPLITUDE  # tanh(S x)
        return AMPLITUDE * SLOPE * (1 - t * t)

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("Mul", f"{name}.slanted", graph.constant(f"{name}.slope", SLOPE))
        graph.add("Tanh", f"{name}.tanh")
        graph.add("Mul", f"{name}.output", graph.constant(f"{name}.amplitude", AMPLITUDE))


class Sigmoid(Elementwise):
    """``y = 1 / (1 + exp(-x))``, between 0 and 1.

    Derived in tutorial 5, "The other layers and losses".
    """

    kind: ClassVar[str] = "sigmoid"

    @staticmethod
    def function(x: Array) -> Array:
        return _sigmoid(x)

    @staticmethod
    def derivative(y: Array) -> Array:
        return y * (1 - y)

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("Sigmoid", f"{name}.output")


class GELU(Elementwise):
    """``y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x ** 3)))``: x times nearly the chance of less than x.

    This is the form with tanh, as in GPT-2; the exact one, with the normal distribution, differs by less
    than 0.0005. Derived in tutorial 5, "The other layers and losses".

    References
    ----------
    D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units (GELUs)" (arXiv:1606.08415), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> GELU().infer(np.array([-1.0, 0.0, 1.0])).round(4).tolist()
    [-0.1588, 0.0, 0.8412]
    """

    kind: ClassVar[str] = "gelu"

    @staticmethod
    def function(x: Array) -> Array:
        return 0.5 * x * (1 + _gelu_tanh(x))

    @staticmethod
    def derivative(x: Array) -> Array:
        t = _gelu_tanh(x)
        dt = (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * x * x)
        return 0.5 * (1 + t + x * dt)

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        """Append ``x / 2 (1 + tanh(x scale (1 + cubic x ** 2)))``; Gelu itself came with opset 20."""
        x = graph.at
        graph.add("Mul", f"{name}.square", x)
        graph.add("Mul", f"{name}.cubic", graph.constant(f"{name}.cubic_factor", GELU_CUBIC))
        graph.add("Add", f"{name}.slant", graph.constant(f"{name}.one", 1))
        graph.add("Mul", f"{name}.slanted", x)
        graph.add("Mul", f"{name}.scaled", graph.constant(f"{name}.scale", GELU_SCALE))
        graph.add("Tanh", f"{name}.tanh")
        graph.add("Add", f"{name}.share", f"{name}.one")
        graph.add("Mul", f"{name}.twice", x)
        graph.add("Mul", f"{name}.output", graph.constant(f"{name}.half", 0.5))


def _gelu_tanh(x: Array) -> Array:
    return namespace(x).tanh(GELU_SCALE * (x + GELU_CUBIC * x * x * x))


class SiLU(Elementwise):
    """``y = x / (1 + exp(-x))``, also called Swish.

    Derived in tutorial 5, "The other layers and losses".

    References
    ----------
    P. Ramachandran, B. Zoph, Q. V. Le, "Searching for Activation Functions" (arXiv:1710.05941).

    Examples
    --------
    >>> import numpy as np
    >>> SiLU().infer(np.array([-1.0, 0.0, 1.0])).round(4).tolist()
    [-0.2689, 0.0, 0.7311]
    """

    kind: ClassVar[str] = "silu"

    @staticmethod
    def function(x: Array) -> Array:
        return x * _sigmoid(x)

    @staticmethod
    def derivative(x: Array, y: Array) -> Array:
        s = _sigmoid(x)
        return s + y * (1 - s)

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        x = graph.at
        graph.add("Sigmoid", f"{name}.sigmoid")
        graph.add("Mul", f"{name}.output", x)


class Softplus(Elementwise):
    """``y = log(1 + exp(x))``, a smooth ReLU.

    Derived in tutorial 5, "The other layers and losses".

    References
    ----------
    C. Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option Pricing" (2000).

    Examples
    --------
    >>> import numpy as np
    >>> Softplus().infer(np.array([-1.0, 0.0, 1000.0])).round(4).tolist()
    [0.3133, 0.6931, 1000.0]
    """

    kind: ClassVar[str] = "softplus"

    @staticmethod
    def function(x: Array) -> Array:
        xp = namespace(x)
        positive = xp.where(x > 0, x, xp.zeros_like(x))
        return positive + xp.log1p(xp.exp(-xp.abs(x)))  # an exponential of at most 1 cannot overflow

    @staticmethod
    def derivative(y: Array) -> Array:
        return -namespace(y).expm1(-y)  # the sigmoid of x

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("Softplus", f"{name}.output")


@constructor(LAYER_OPTIONS)
class ELU(Elementwise):
    """``y = x`` above zero and ``alpha (exp(x) - 1)`` below.

    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    alpha : float
        ``-alpha`` is the limit for large negative x; above 0.

    References
    ----------
    D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
    Linear Units (ELUs)" (arXiv:1511.07289), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> ELU().infer(np.array([-1.0, 0.0, 1.0])).round(4).tolist()
    [-0.6321, 0.0, 1.0]
    """

    kind: ClassVar[str] = "elu"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = positive("alpha", alpha)

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (11,)), "alpha 0.3": (cls(0.3), (11,))}

    @staticmethod
    def function(x: Array, alpha: float) -> Array:
        xp = namespace(x)
        below = xp.where(x > 0, xp.zeros_like(x), x)  # an exponential of at most 1 cannot overflow
        return xp.where(x > 0, x, alpha * xp.expm1(below))

    @staticmethod
    def derivative(y: Array, alpha: float) -> Array:
        xp = namespace(y)
        return xp.where(y > 0, xp.ones_like(y), y + alpha)  # alpha exp(x) = y + alpha

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("Elu", f"{name}.output", alpha=self.alpha)


def _sigmoid(x: Array) -> Array:
    xp = namespace(x)
    e = xp.exp(-xp.abs(x))  # never above 1, so it cannot overflow
    return xp.where(x < 0, e, xp.ones_like(x)) / (1 + e)
