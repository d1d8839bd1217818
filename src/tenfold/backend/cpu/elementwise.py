"""What is done to each number by itself: activations and dropout. All places are addresses."""

from __future__ import annotations

import math

import numpy as np

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import linked
from tenfold.backend.cpu.lanewise import where_positive
from tenfold.backend.cpu.vector import LANES, load, store, zeros
from tenfold.backend.cpu.views import floats, shorts


@linked
def activation(kind: int, slope: float, x: int, y: int, size: int) -> None:
    """``y = f(x)``; x and y may be the same place."""
    inputs, outputs = floats(x, size), floats(y, size)
    zero, one, small = np.float32(0), np.float32(1), np.float32(slope)
    if kind == opcodes.RELU:
        for i in range(size):
            outputs[i] = zero if inputs[i] <= zero else inputs[i]
    elif kind == opcodes.LEAKY:
        for i in range(size):
            outputs[i] = small * inputs[i] if inputs[i] <= zero else inputs[i]
    elif kind == opcodes.TANH:
        for i in range(size):
            outputs[i] = math.tanh(inputs[i])
    else:
        for i in range(size):
            e = math.exp(-abs(inputs[i]))
            outputs[i] = (e if inputs[i] < zero else one) / (one + e)


@linked
def activation_gradient(kind: int, slope: float, y: int, dy: int, dx: int, size: int) -> None:
    """``dx = f'(x) dy``, from the output y; dy and dx may be the same place."""
    outputs, above, below = floats(y, size), floats(dy, size), floats(dx, size)
    zero, one, small = np.float32(0), np.float32(1), np.float32(slope)
    if kind == opcodes.RELU:
        for i in range(0, size, LANES):
            at, lanes = 4 * i, min(LANES, size - i)
            store(where_positive(load(y + at, lanes), load(dy + at, lanes), zeros()), dx + at, lanes)
    elif kind == opcodes.LEAKY:
        for i in range(size):
            below[i] = small * above[i] if outputs[i] <= zero else above[i]
    elif kind == opcodes.TANH:
        for i in range(size):
            below[i] = above[i] * (one - outputs[i] * outputs[i])
    else:
        for i in range(size):
            below[i] = above[i] * (outputs[i] * (one - outputs[i]))


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
