"""Dropout: in training, a random part of the numbers is left out."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from tenfold.backend.arrays import Array, asarray_like
from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.nn.arguments import fraction
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph

STEPS = 65536
"""The chance is counted in this many parts, so that one random number of 16 bits decides."""


def random_bits(rng: np.random.Generator, size: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Return 16 random bits for each number; four are drawn at once, in half the time."""
    draws = rng.integers(0, 2**64, size=-(-size // 4), dtype=np.uint64)
    return draws.astype("<u8", copy=False).view("<u2")[:size].astype(np.uint16, copy=False)


@constructor({**LAYER_OPTIONS, "p": "write rate=0.5"}, example="Dropout(0.5)")
class Dropout(Layer):
    """Set each number to 0 with chance ``rate``; divide the rest so that the mean stays ("inverted").

    Outside training it passes everything through.

    Derived in tutorial 3, "05 to 07: against overfitting".

    Parameters
    ----------
    rate : float
        The chance in [0, 1), rounded to a multiple of 1/65536.

    References
    ----------
    N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014),
    sections 4 and 10.
    """

    kind: ClassVar[str] = "dropout"
    engine: ClassVar[tuple[str, ...]] = ("dropout",)
    pointwise: ClassVar[bool] = True

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(0.4), (4, 3, 2))}

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = fraction("rate", rate)
        if self.threshold == STEPS:
            raise ConfigError(f"rate: expected at most {STEPS - 1}/{STEPS}, got {rate!r}; choose less")

    @property
    def threshold(self) -> int:
        """A number is dropped if its 16 random bits are below this."""
        return round(self.rate * STEPS)

    def config(self) -> dict[str, Any]:
        return {"rate": self.rate}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        if not training:
            return x, lambda dy: (dy, {})
        if rng is None:
            raise ConfigError("dropout draws random numbers in training; give forward(..., rng=a Generator)")
        bits = random_bits(rng, math.prod(x.shape)).reshape(x.shape)
        keep = asarray_like(bits >= self.threshold, x, dtype=x.dtype)  # 1 or 0
        kept = 1 - self.threshold / STEPS
        y = x * keep / kept

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # dy/dx = keep / kept
            return dy * keep / kept, {}

        return y, backward

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        """Append nothing: at prediction it does nothing."""
