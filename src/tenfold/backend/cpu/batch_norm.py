"""Batch normalisation. Its means run over the whole minibatch, so each pass has two halves.

First every shard adds up its own part, block by block; when all have, each takes the sums of all and
continues with its images. For each channel a shard has four sums (of x, x squared, dy, dy times x - mean)
and four coefficients (mean, 1 / sqrt(variance + eps), and two that change their meaning on the way), all in
float64. A ReLU that follows is taken along.

All places are addresses; rows of sums lie ``stride`` numbers apart.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.lanewise import add, maximum, multiply, subtract, where_positive
from tenfold.backend.cpu.vector import LANES, load, store, zeros
from tenfold.backend.cpu.views import doubles, floats, operation
from tenfold.backend.cpu.wide import (
    add_product,
    add_wide,
    load_wide,
    multiply_wide,
    narrow,
    store_wide,
    subtract_wide,
    widen,
)

_AT_ONCE = 2048  # floats


def over_channels(body: Any) -> Any:
    """Return a loop over all channels, a register of them at a time: ``body(op, channel, lanes, ...)``.

    ``a``, ``b`` and ``c`` are rows of float32, each (rows, channels). So many rows are taken at once as the
    first-level cache holds, for all their channels.
    """

    @kernel
    def loop(op_at: int, rows: int, a: int, b: int, c: int, sums: int, kept: int, params_at: int) -> None:
        op = operation(op_at)
        most = max(1, _AT_ONCE // op.c)
        for first in range(0, rows, most):
            some = min(most, rows - first)
            for channel in range(0, op.c, LANES):
                at, rest = 4 * (first * op.c + channel), op.c - channel
                if rest >= LANES:  # a constant, which spares the masks
                    body(op, channel, LANES, some, a + at, b + at, c + at, sums, kept, params_at)
                else:
                    body(op, channel, rest, some, a + at, b + at, c + at, sums, kept, params_at)

    return loop


@over_channels
@kernel
def _add_moments(
    op: Any, channel: int, lanes: int, rows: int, x: int, _b: int, _c: int, sums: int, _k: int, _p: int
) -> None:
    at, row = sums + 8 * channel, 4 * op.c
    first, second = load_wide(at, lanes), load_wide(at + 2 * row, lanes)
    for i in range(rows):
        value = widen(load(x + i * row, lanes))
        first, second = add_wide(first, value), add_product(second, value, value)
    store_wide(first, at, lanes)
    store_wide(second, at + 2 * row, lanes)


@linked
def norm_sums(op_at: int, x: int, rows: int, sums: int) -> None:
    """Add x and x squared, for x of (rows, c), to a shard's sums."""
    _add_moments(op_at, rows, x, x, x, sums, 0, 0)


@over_channels
@kernel
def _affine(
    op: Any, channel: int, lanes: int, rows: int, x: int, y: int, _c: int, _s: int, kept: int, params_at: int
) -> None:
    at, row, relu = kept + 8 * channel, 4 * op.c, op.activation == opcodes.RELU
    mean, inverse = narrow(load_wide(at, lanes)), narrow(load_wide(at + 2 * row, lanes))
    weight = load(params_at + 4 * (op.weight + channel), lanes)
    bias = load(params_at + 4 * (op.bias + channel), lanes)
    for i in range(rows):
        z = multiply(subtract(load(x + i * row, lanes), mean), inverse)
        out = add(multiply(z, weight), bias)
        if relu:
            out = maximum(out, zeros())
        store(out, y + i * row, lanes)


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
    _affine(op_at, rows, x, y, y, 0, kept_at, params_at)


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
    _affine(op_at, rows, x, y, y, 0, kept_at, params_at)


@over_channels
@kernel
def _add_slopes(
    op: Any, channel: int, lanes: int, rows: int, x: int, y: int, dy: int, sums: int, kept: int, _p: int
) -> None:
    at, row, relu = sums + 8 * (2 * op.c + channel), 4 * op.c, op.activation == opcodes.RELU
    first, second = load_wide(at, lanes), load_wide(at + 2 * row, lanes)
    mean = load_wide(kept + 8 * channel, lanes)
    for i in range(rows):
        slope, distance = load(dy + i * row, lanes), subtract_wide(widen(load(x + i * row, lanes)), mean)
        if relu:
            slope = where_positive(load(y + i * row, lanes), slope, zeros())
            store(slope, dy + i * row, lanes)
        first, second = add_wide(first, widen(slope)), add_product(second, widen(slope), distance)
    store_wide(first, at, lanes)
    store_wide(second, at + 2 * row, lanes)


@linked
def norm_gradient_sums(op_at: int, x: int, y: int, dy: int, rows: int, sums: int, kept: int) -> None:
    """Add dy and dy times x - mean to a shard's sums; dy becomes 0 where a ReLU after it let nothing pass."""
    _add_slopes(op_at, rows, x, y, dy, sums, kept, 0)


@over_channels
@kernel
def _gradient(
    op: Any, channel: int, lanes: int, rows: int, x: int, dy: int, dx: int, _s: int, kept: int, params_at: int
) -> None:
    """In float64: what is left of dy is much smaller than dy where the minibatch is small."""
    at, row = kept + 8 * channel, 4 * op.c
    mean, inverse = load_wide(at, lanes), load_wide(at + 2 * row, lanes)
    level, tilt = load_wide(at + 4 * row, lanes), load_wide(at + 6 * row, lanes)
    scale = multiply_wide(widen(load(params_at + 4 * (op.weight + channel), lanes)), inverse)
    for i in range(rows):
        distance = subtract_wide(widen(load(x + i * row, lanes)), mean)
        slope = subtract_wide(widen(load(dy + i * row, lanes)), level)
        store(narrow(multiply_wide(add_product(slope, distance, tilt), scale)), dx + i * row, lanes)


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
        inverse, dbias, dweight = kept[c + channel], 0.0, 0.0
        for shard in range(shards):
            sums = doubles(sums_at + 8 * (shard * stride + 2 * c), 2 * c)
            dbias += sums[channel]
            dweight += sums[c + channel] * inverse
        # the whole minibatch's sums: one shard alone hands them on
        dweights[channel] = dweight if last else 0.0
        dbiases[channel] = dbias if last else 0.0
        kept[2 * c + channel] = dbias / total
        kept[3 * c + channel] = -inverse * dweight / total
    if op.has_dx:
        _gradient(op_at, rows, x, dy, dx, 0, kept_at, params_at)
