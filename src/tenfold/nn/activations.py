"""Activation functions, each applied to every number by itself."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tenfold.backend.arrays import Array, namespace
from tenfold.errors import ConfigError
from tenfold.nn.arguments import is_finite_number
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


class LeakyReLU(Layer):
    """``y = x`` above zero and ``slope * x`` below.

    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    slope : float
        The slope below zero.
    """

    kind: ClassVar[str] = "leaky_relu"
    pointwise: ClassVar[bool] = True
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(0.1), (11,))}

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        if not is_finite_number(slope):
            raise ConfigError(f"slope: expected a finite number, got {slope!r}")
        self.slope = float(slope)

    def config(self) -> dict[str, Any]:
        return {"slope": self.slope}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp, slope = namespace(x), self.slope
        below = x <= 0
        y = xp.where(below, slope * x, x)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx = slope where x <= 0, else 1
            return xp.where(below, slope * dy, dy), {}

        return y, backward


class Tanh(Layer):
    """``y = tanh(x)``, between -1 and 1.

    Derived in tutorial 5, "The other layers and losses".
    """

    kind: ClassVar[str] = "tanh"
    pointwise: ClassVar[bool] = True

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (11,))}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        y = namespace(x).tanh(x)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx = 1 - tanh(x) ** 2
            return dy * (1 - y * y), {}

        return y, backward


class ScaledTanh(Layer):
    """``y = A tanh(S x)`` with A = 1.7159 and S = 2/3, so that 1 gives 1 and -1 gives -1.

    Derived in tutorial 5, "The other layers and losses".

    References
    ----------
    Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), appendix A.
    """

    kind: ClassVar[str] = "scaled_tanh"
    pointwise: ClassVar[bool] = True

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (11,))}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        t = namespace(x).tanh(SLOPE * x)
        y = AMPLITUDE * t

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx = A S (1 - tanh(S x) ** 2)
            return dy * (AMPLITUDE * SLOPE * (1 - t * t)), {}

        return y, backward


class Sigmoid(Layer):
    """``y = 1 / (1 + exp(-x))``, between 0 and 1.

    Derived in tutorial 5, "The other layers and losses".
    """

    kind: ClassVar[str] = "sigmoid"
    pointwise: ClassVar[bool] = True

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (11,))}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp = namespace(x)
        e = xp.exp(-xp.abs(x))  # never above 1, so it cannot overflow
        y = xp.where(x < 0, e, xp.ones_like(x)) / (1 + e)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx = y (1 - y)
            return dy * (y * (1 - y)), {}

        return y, backward
