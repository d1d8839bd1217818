"""Activation functions, applied elementwise."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tenfold.backend.arrays import Array, namespace
from tenfold.errors import ConfigError
from tenfold.nn.arguments import is_finite_number
from tenfold.nn.elementwise import Elementwise
from tenfold.nn.layer import Backward, Examples, Gradients, Layer

AMPLITUDE, SLOPE = 1.7159, 2 / 3
"""Of `ScaledTanh`."""


class ReLU(Layer):
    """``y = max(x, 0)``; NaN stays NaN. The slope at 0 is taken as 0.

    Derived in tutorial 2, "ReLU: an activation function".

    References
    ----------
    V. Nair, G. Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines" (2010).
    """

    kind: ClassVar[str] = "relu"
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


def _sigmoid(x: Array) -> Array:
    xp = namespace(x)
    e = xp.exp(-xp.abs(x))  # never above 1, so it cannot overflow
    return xp.where(x < 0, e, xp.ones_like(x)) / (1 + e)
