"""Batch normalisation. Its means run over the whole minibatch, so each pass has two halves.

First every shard adds up its own part; when all have, each takes the sums of all and goes on with
its images. ``sums`` holds four numbers a channel for each shard: x, x squared, dy, dy times z.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import kernel

@kernel
def norm_sums(op: Any, memory: Any, x: int, count: int, sums: Any) -> None:
    """Sums of x and of x squared over one shard; x is (count, c)."""
    c = op.c
    for k in range(op.sums, op.sums + 2 * c):
        sums[k] = 0
    for i in range(count):
        for channel in range(c):
            value = np.float64(memory[x + i * c + channel])
            sums[op.sums + channel] += value
            sums[op.sums + c + channel] += value * value


@kernel
def norm(
    op: Any, memory: Any, theta: Any, x: int, y: int, count: int, total: int, sums: Any, coefficients: Any
) -> None:
    """``y = (x - mean) / sqrt(variance + eps) * weight + bias``; coefficients keeps mean and 1 / sqrt."""
    c = op.c
    for channel in range(c):
        first, second = 0.0, 0.0
        for shard in range(sums.shape[0]):
            first += sums[shard, op.sums + channel]
            second += sums[shard, op.sums + c + channel]
        mean = first / total
        variance = max(second / total - mean * mean, 0.0)
        coefficients[channel] = mean
        coefficients[c + channel] = 1 / math.sqrt(variance + op.value)
        coefficients[2 * c + channel] = variance
    _affine(op, memory, theta, x, y, count, coefficients)


@kernel
def _affine(op: Any, memory: Any, theta: Any, x: int, y: int, count: int, coefficients: Any) -> None:
    c = op.c
    for i in range(count):
        for channel in range(c):
            z = (memory[x + i * c + channel] - np.float32(coefficients[channel])) * np.float32(
                coefficients[c + channel]
            )
            memory[y + i * c + channel] = z * theta[op.weight + channel] + theta[op.bias + channel]


@kernel
def move_running(op: Any, statistics: Any, coefficients: Any, total: int) -> None:
    """Move the running mean and (unbiased) variance towards the minibatch's."""
    c, keep = op.c, op.keep
    for channel in range(c):
        variance = coefficients[2 * c + channel] * (total / (total - 1))
        for k, value in ((0, coefficients[channel]), (c, variance)):
            old = statistics[op.statistics + k + channel]
            statistics[op.statistics + k + channel] = np.float32(keep * old + (1 - keep) * value)


@kernel
def norm_running(
    op: Any, memory: Any, theta: Any, x: int, y: int, count: int, statistics: Any, coefficients: Any
) -> None:
    """At prediction: the same map from the running statistics."""
    c = op.c
    for channel in range(c):
        coefficients[channel] = statistics[op.statistics + channel]
        coefficients[c + channel] = 1 / math.sqrt(statistics[op.statistics + c + channel] + op.value)
    _affine(op, memory, theta, x, y, count, coefficients)


@kernel
def norm_gradient_sums(op: Any, memory: Any, x: int, dy: int, count: int, sums: Any, coefficients: Any) -> None:
    """Sums of dy and of dy times z over one shard."""
    c = op.c
    start = op.sums + 2 * c
    for k in range(start, start + 2 * c):
        sums[k] = 0
    for i in range(count):
        for channel in range(c):
            z = (memory[x + i * c + channel] - coefficients[channel]) * coefficients[c + channel]
            slope = np.float64(memory[dy + i * c + channel])
            sums[start + channel] += slope
            sums[start + c + channel] += slope * z


@kernel
def norm_gradient(
    op: Any, memory: Any, theta: Any, x: int, dy: int, dx: int, count: int, total: int,
    sums: Any, coefficients: Any, gradient: int, last_shard: bool,
) -> None:  # fmt: skip
    """``dx = (dy - mean(dy) - z mean(dy z)) weight / sqrt(variance + eps)``."""
    c = op.c
    start = op.sums + 2 * c
    for channel in range(c):
        dbias, dweight = 0.0, 0.0
        for shard in range(sums.shape[0]):
            dbias += sums[shard, start + channel]
            dweight += sums[shard, start + c + channel]
        # the whole minibatch's sums: one shard alone hands them on
        memory[gradient + op.dweight + channel] = dweight if last_shard else 0.0
        memory[gradient + op.dbias + channel] = dbias if last_shard else 0.0
        coefficients[2 * c + channel] = dbias / total
        coefficients[3 * c + channel] = dweight / total
    if op.has_dx == 0:
        return
    for i in range(count):
        for channel in range(c):
            inverse = coefficients[c + channel]
            z = (memory[x + i * c + channel] - coefficients[channel]) * inverse
            slope = memory[dy + i * c + channel] - coefficients[2 * c + channel] - z * coefficients[3 * c + channel]
            memory[dx + i * c + channel] = slope * theta[op.weight + channel] * inverse
