"""Batch normalisation. Its means run over the whole minibatch, so each pass has two halves.

First every shard adds up its own part; when all have, each takes the sums of all and continues with its
images. For each channel a shard has four sums (of x, x squared, dy, dy times z) and four
coefficients (mean, 1 / sqrt(variance + eps), and two that change their meaning on the way).
All places are addresses; rows of sums lie ``stride`` numbers apart.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.views import doubles, floats, operation


@linked
def norm_sums(op_at: int, x: int, rows: int, sums_at: int) -> None:
    """Sums of x and of x squared over one shard; x is (rows, c)."""
    c = operation(op_at).c
    values, sums = floats(x, rows * c), doubles(sums_at, 2 * c)
    sums[:] = 0
    for i in range(rows):
        for channel in range(c):
            value = np.float64(values[i * c + channel])
            sums[channel] += value
            sums[c + channel] += value * value


@kernel
def _affine(op: Any, params_at: int, x: int, y: int, rows: int, kept: Any) -> None:
    c = op.c
    inputs, outputs = floats(x, rows * c), floats(y, rows * c)
    weight, bias = floats(params_at + 4 * op.weight, c), floats(params_at + 4 * op.bias, c)
    for i in range(rows):
        for channel in range(c):
            z = (inputs[i * c + channel] - np.float32(kept[channel])) * np.float32(kept[c + channel])
            outputs[i * c + channel] = z * weight[channel] + bias[channel]


@linked
def norm(
    op_at: int, params_at: int, x: int, y: int, rows: int, total: int,
    sums_at: int, shards: int, stride: int, kept_at: int,
) -> None:  # fmt: skip
    """``y = (x - mean) / sqrt(variance + eps) * weight + bias``, mean and variance of the minibatch."""
    op = operation(op_at)
    c, kept = op.c, doubles(kept_at, 4 * op.c)
    for channel in range(c):
        first, second = 0.0, 0.0
        for shard in range(shards):
            sums = doubles(sums_at + 8 * shard * stride, 2 * c)
            first += sums[channel]
            second += sums[c + channel]
        mean = first / total
        variance = max(second / total - mean * mean, 0.0)
        kept[channel] = mean
        kept[c + channel] = 1 / math.sqrt(variance + op.value)
        kept[2 * c + channel] = variance
    _affine(op, params_at, x, y, rows, kept)


@linked
def move_running(op_at: int, statistics: int, kept_at: int, total: int) -> None:
    """Move the running mean and (unbiased) variance towards the minibatch's."""
    op = operation(op_at)
    c, keep, kept = op.c, op.keep, doubles(kept_at, 4 * op.c)
    running = floats(statistics + 4 * op.statistics, 2 * c)
    for channel in range(c):
        variance = kept[2 * c + channel] * (total / (total - 1))
        running[channel] = np.float32(keep * running[channel] + (1 - keep) * kept[channel])
        running[c + channel] = np.float32(keep * running[c + channel] + (1 - keep) * variance)


@linked
def norm_running(
    op_at: int, params_at: int, x: int, y: int, rows: int, statistics: int, kept_at: int
) -> None:
    """At prediction: the same map from the running statistics."""
    op = operation(op_at)
    c, kept = op.c, doubles(kept_at, 4 * op.c)
    running = floats(statistics + 4 * op.statistics, 2 * c)
    for channel in range(c):
        kept[channel] = running[channel]
        kept[c + channel] = 1 / math.sqrt(running[c + channel] + op.value)
    _affine(op, params_at, x, y, rows, kept)


@linked
def norm_gradient_sums(op_at: int, x: int, dy: int, rows: int, sums_at: int, kept_at: int) -> None:
    """Sums of dy and of dy times z over one shard."""
    c = operation(op_at).c
    sums, kept = doubles(sums_at + 16 * c, 2 * c), doubles(kept_at, 2 * c)
    values, slopes = floats(x, rows * c), floats(dy, rows * c)
    sums[:] = 0
    for i in range(rows):
        for channel in range(c):
            z = (values[i * c + channel] - kept[channel]) * kept[c + channel]
            slope = np.float64(slopes[i * c + channel])
            sums[channel] += slope
            sums[c + channel] += slope * z


@linked
def norm_gradient(
    op_at: int, params_at: int, x: int, dy: int, dx: int, rows: int, total: int, sums_at: int, shards: int,
    stride: int, kept_at: int, gradient: int, last: int,
) -> None:  # fmt: skip
    """``dx = (dy - mean(dy) - z mean(dy z)) weight / sqrt(variance + eps)``."""
    op = operation(op_at)
    c, kept = op.c, doubles(kept_at, 4 * op.c)
    dweights, dbiases = floats(gradient + 4 * op.dweight, c), floats(gradient + 4 * op.dbias, c)
    for channel in range(c):
        dbias, dweight = 0.0, 0.0
        for shard in range(shards):
            sums = doubles(sums_at + 8 * (shard * stride + 2 * c), 2 * c)
            dbias += sums[channel]
            dweight += sums[c + channel]
        # the whole minibatch's sums: one shard alone hands them on
        dweights[channel] = dweight if last else 0.0
        dbiases[channel] = dbias if last else 0.0
        kept[2 * c + channel] = dbias / total
        kept[3 * c + channel] = dweight / total
    if op.has_dx == 0:
        return
    weight, values = floats(params_at + 4 * op.weight, c), floats(x, rows * c)
    above, below = floats(dy, rows * c), floats(dx, rows * c)
    for i in range(rows):
        for channel in range(c):
            inverse = kept[c + channel]
            z = (values[i * c + channel] - kept[channel]) * inverse
            slope = above[i * c + channel] - kept[2 * c + channel] - z * kept[3 * c + channel]
            below[i * c + channel] = slope * weight[channel] * inverse
