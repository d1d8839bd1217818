"""What layers with a gain and a bias for each channel share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.arrays import Shape
from tenfold.errors import ShapeError
from tenfold.habits import constructor
from tenfold.nn.arguments import count
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Layer


@constructor(LAYER_OPTIONS)
class PerChannel(Layer):
    """Base of layers with a ``weight`` (1 at first) and a ``bias`` (0 at first) for each channel."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.c = count("c", c)

    def config(self) -> dict[str, Any]:
        return {"c": self.c}

    def param_shapes(self) -> dict[str, Shape]:
        return {"weight": (self.c,), "bias": (self.c,)}

    def output_shape(self, shape: Shape) -> Shape:
        if not shape or shape[-1] != self.c:
            advice = f"set c={shape[-1]}" if shape else "give vectors or images"
            raise ShapeError(f"expected {self.c} channels on the last axis, got {shape}; {advice}")
        return shape

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        self.params = {"weight": np.ones(self.c, dtype), "bias": np.zeros(self.c, dtype)}

    def flops(self, shape: Shape) -> int:
        return 2 * math.prod(shape)
