"""ReLU and dropout. All places are addresses. Other elementwise layers: `pointwise`."""

from __future__ import annotations

import numpy as np

from tenfold.backend.cpu.compilation import linked
from tenfold.backend.cpu.lanewise import add, maximum, where_positive
from tenfold.backend.cpu.vector import LANES, load, store, zeros
from tenfold.backend.cpu.views import floats, shorts


@linked
def relu(x: int, y: int, size: int) -> None:
    """``y = max(x, 0)``, NaN where x is NaN; x and y may be the same place."""
    inputs, outputs, zero = floats(x, size), floats(y, size), np.float32(0)
    for i in range(size):
        outputs[i] = zero if inputs[i] <= zero else inputs[i]


@linked
def relu_gradient(y: int, dy: int, dx: int, size: int) -> None:
    """``dx = dy`` where the output y is positive, else 0; dy and dx may be the same place."""
    for i in range(0, size, LANES):
        at, lanes = 4 * i, min(LANES, size - i)
        store(where_positive(load(y + at, lanes), load(dy + at, lanes), zeros()), dx + at, lanes)


@linked
def add_up(a: int, b: int, y: int, size: int, relu: int) -> None:
    """``y = a + b``, or its positive part; any two may be the same place."""
    for i in range(0, size, LANES):
        at, lanes = 4 * i, min(LANES, size - i)
        total = add(load(a + at, lanes), load(b + at, lanes))
        store(maximum(total, zeros()) if relu != 0 else total, y + at, lanes)


@linked
def dropout(threshold: int, bits: int, x: int, y: int, size: int) -> None:
    """``y = x`` where the 16 random bits reach the threshold, made up for by a factor; otherwise 0.

    Its derivative is the same function, from dy to dx.
    """
    inputs, outputs, draws = floats(x, size), floats(y, size), shorts(bits, size)
    scale, zero = np.float32(65536 / (65536 - threshold)), np.float32(0)
    least = np.uint16(threshold)
    for i in range(size):
        outputs[i] = inputs[i] * scale if draws[i] >= least else zero
