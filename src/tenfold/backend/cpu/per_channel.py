"""Layers with a gain and a bias for each channel, over rows of c channels; all places are addresses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.views import doubles, floats, operation


@kernel
def _add(op: Any, sums: Any, gradient: int) -> None:
    """Add sums for the weight, and behind them for the bias, to a shard's gradients."""
    c = op.c
    dweight, dbias = floats(gradient + 4 * op.dweight, c), floats(gradient + 4 * op.dbias, c)
    for channel in range(c):
        dweight[channel] += np.float32(sums[channel])
        dbias[channel] += np.float32(sums[c + channel])


@linked
def scale(op_at: int, params_at: int, x: int, y: int, rows: int) -> None:
    """``y = weight * x + bias``."""
    op = operation(op_at)
    c = op.c
    weight, bias = floats(params_at + 4 * op.weight, c), floats(params_at + 4 * op.bias, c)
    inputs, outputs = floats(x, rows * c), floats(y, rows * c)
    for i in range(rows):
        for channel in range(c):
            outputs[i * c + channel] = weight[channel] * inputs[i * c + channel] + bias[channel]


@linked
def scale_gradient(
    op_at: int, params_at: int, x: int, dy: int, dx: int, rows: int, gradient: int, scratch: int
) -> None:
    """``dx = weight * dy``; add the sums of ``dy * x`` and of dy to the gradients."""
    op = operation(op_at)
    c = op.c
    weight, sums = floats(params_at + 4 * op.weight, c), doubles(scratch, 2 * c)
    inputs, above, below = floats(x, rows * c), floats(dy, rows * c), floats(dx, rows * c)
    sums[:] = 0
    for i in range(rows):
        for channel in range(c):
            slope = above[i * c + channel]
            sums[channel] += np.float64(slope) * inputs[i * c + channel]
            sums[c + channel] += slope
            if op.has_dx:
                below[i * c + channel] = weight[channel] * slope
    _add(op, sums, gradient)


@kernel
def _moments(row: Any, eps: float) -> Any:
    """The mean of a row, and ``1 / sqrt(variance + eps)``."""
    c = row.shape[0]
    total, squares = 0.0, 0.0
    for channel in range(c):
        total += row[channel]
    mean = total / c
    for channel in range(c):
        distance = row[channel] - mean
        squares += distance * distance
    return mean, 1 / math.sqrt(squares / c + eps)


@linked
def layer_norm(op_at: int, params_at: int, x: int, y: int, rows: int) -> None:
    """``y = (x - mean) / sqrt(variance + eps) * weight + bias``, mean and variance of each row."""
    op = operation(op_at)
    c = op.c
    weight, bias = floats(params_at + 4 * op.weight, c), floats(params_at + 4 * op.bias, c)
    for i in range(rows):
        row, out = floats(x + 4 * i * c, c), floats(y + 4 * i * c, c)
        mean, inverse = _moments(row, op.value)
        for channel in range(c):
            out[channel] = np.float32((row[channel] - mean) * inverse) * weight[channel] + bias[channel]


@linked
def layer_norm_gradient(
    op_at: int, params_at: int, x: int, dy: int, dx: int, rows: int, gradient: int, scratch: int
) -> None:
    """``dx = (dz - mean(dz) - z mean(dz z)) / sqrt(variance + eps)`` with ``dz = dy weight``."""
    op = operation(op_at)
    c = op.c
    weight, sums = floats(params_at + 4 * op.weight, c), doubles(scratch, 2 * c)
    sums[:] = 0
    for i in range(rows):
        row, above, below = floats(x + 4 * i * c, c), floats(dy + 4 * i * c, c), floats(dx + 4 * i * c, c)
        mean, inverse = _moments(row, op.value)
        first, second = 0.0, 0.0
        for channel in range(c):
            z, slope = (row[channel] - mean) * inverse, np.float64(above[channel])
            sums[channel] += slope * z
            sums[c + channel] += slope
            first += slope * weight[channel]
            second += slope * weight[channel] * z
        if op.has_dx:
            for channel in range(c):
                z, dz = (row[channel] - mean) * inverse, above[channel] * weight[channel]
                below[channel] = np.float32((dz - first / c - z * (second / c)) * inverse)
    _add(op, sums, gradient)
