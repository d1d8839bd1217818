"""The second half of a step: gradients of whole tensors, and the optimiser over them.

A thread takes a strip of rows of a tensor, computes the strip's gradient over the whole minibatch,
and moves the parameters at once, while all of it is still in the core's cache. No gradient of a
dense layer is ever written to memory as a whole.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.conv import add_columns
from tenfold.backend.cpu.dense import dense_weight_gradient
from tenfold.backend.cpu.vector import clear, copy


@kernel
def adam(
    o: Any, rate: float, step: int, parameters: Any, gradient: Any, m: Any, v: Any
) -> None:
    """``p = p (1 - rate decay) - rate m / (sqrt(v) + eps)``, with m and v corrected for their start at 0."""
    beta1, beta2, eps = np.float32(o.beta1), np.float32(o.beta2), np.float32(o.eps)
    left1, left2 = np.float32(1 - o.beta1), np.float32(1 - o.beta2)
    scaled_rate = np.float32(rate / (1 - o.beta1**step))
    scale = np.float32(1 / math.sqrt(1 - o.beta2**step))
    shrink = np.float32(1 - rate * o.weight_decay)
    for i in range(parameters.shape[0]):
        g = gradient[i]
        m[i] = beta1 * m[i] + left1 * g
        v[i] = beta2 * v[i] + left2 * g * g
        parameters[i] = parameters[i] * shrink - scaled_rate * m[i] / (math.sqrt(v[i]) * scale + eps)


@kernel
def rmsprop(o: Any, rate: float, parameters: Any, gradient: Any, v: Any) -> None:
    """``p = p (1 - rate decay) - rate g / (sqrt(v) + eps)``."""
    rho, left, eps = np.float32(o.beta1), np.float32(1 - o.beta1), np.float32(o.eps)
    speed, shrink = np.float32(rate), np.float32(1 - rate * o.weight_decay)
    for i in range(parameters.shape[0]):
        g = gradient[i]
        v[i] = rho * v[i] + left * g * g
        parameters[i] = parameters[i] * shrink - speed * g / (math.sqrt(v[i]) + eps)


@kernel
def sgd(o: Any, rate: float, parameters: Any, gradient: Any, velocity: Any) -> None:
    """``p = p (1 - rate decay) - rate (velocity, or g + momentum velocity)``."""
    momentum, speed = np.float32(o.momentum), np.float32(rate)
    shrink = np.float32(1 - rate * o.weight_decay)
    if o.momentum == 0:
        for i in range(parameters.shape[0]):
            parameters[i] = parameters[i] * shrink - speed * gradient[i]
        return
    for i in range(parameters.shape[0]):
        g = gradient[i]
        velocity[i] = momentum * velocity[i] + g
        move = g + momentum * velocity[i] if o.nesterov else velocity[i]
        parameters[i] = parameters[i] * shrink - speed * move


@kernel
def move(o: Any, rate: float, step: int, theta: Any, size: int, at: int, count: int, gradient: Any) -> None:
    """Move ``count`` parameters from offset ``at``; their two slots lie one and two ``size`` further."""
    parameters = theta[at : at + count]
    first = theta[size + at : size + at + count]
    if o.kind == opcodes.ADAM:
        adam(o, rate, step, parameters, gradient, first, theta[2 * size + at : 2 * size + at + count])
    elif o.kind == opcodes.RMSPROP:
        rmsprop(o, rate, parameters, gradient, first)
    else:
        sgd(o, rate, parameters, gradient, first)


@kernel
def follow(tensor: Any, theta: Any, row: int, rows: int) -> None:
    """Bring what follows from rows of a weight up to date: its transpose, or its flipped kernel."""
    p, d, columns = tensor.parameter, tensor.derived, tensor.columns
    if tensor.follows == opcodes.TRANSPOSED:
        for j in range(columns):
            for i in range(row, row + rows):
                theta[d + j * tensor.rows + i] = theta[p + i * columns + j]
    elif tensor.follows == opcodes.FLIPPED:  # (kh, kw, c, oc) to (kh, kw, oc, c), turned by 180 degrees
        kw, c = tensor.kw, tensor.c
        for i in range(row, row + rows):
            place, channel = i // c, i % c
            turned = (tensor.kh - 1 - place // kw) * kw + kw - 1 - place % kw
            for j in range(columns):
                theta[d + (turned * columns + j) * c + channel] = theta[p + i * columns + j]


@kernel
def strip_gradient(
    tensor: Any, memory: Any, base: int, n: int, row: int, rows: int, shards: int, shard_size: int, into: int
) -> None:
    """The gradient of some rows of a tensor, over the whole minibatch."""
    columns = tensor.columns
    count = rows * columns
    if tensor.source == opcodes.FROM_PRODUCT:
        x, dy = base + 4 * tensor.x, base + 4 * tensor.dy
        dense_weight_gradient(n, row, rows, tensor.rows, columns, x, dy, base + 4 * into)
    elif tensor.source == opcodes.FROM_COLUMNS:
        clear(base + 4 * into, count)
        add_columns(base + 4 * tensor.dy, n, columns, base + 4 * into)
    else:
        start = tensor.gradient + row * columns
        copy(base + 4 * start, base + 4 * into, count)
        for shard in range(1, shards):
            start += shard_size
            for i in range(count):
                memory[into + i] += memory[start + i]


@kernel
def update(
    tensors: Any, thread: int, threads: int, memory: Any, base: int, theta: Any, size: int, n: int,
    shards: int, shard_size: int, scratch: int, optimiser: Any, rate: float, step: int,
) -> None:  # fmt: skip
    """This thread's part of the update: an equal range of rows of each large tensor, some small ones whole."""
    for i in range(tensors.shape[0]):
        tensor = tensors[i]
        begin, end = 0, tensor.rows
        if tensor.owner < 0:
            begin, end = tensor.rows * thread // threads, tensor.rows * (thread + 1) // threads
        elif tensor.owner % threads != thread:
            continue
        for row in range(begin, end, tensor.strip):
            rows = min(tensor.strip, end - row)
            strip_gradient(tensor, memory, base, n, row, rows, shards, shard_size, scratch)
            count = rows * tensor.columns
            at = tensor.parameter + row * tensor.columns
            move(optimiser, rate, step, theta, size, at, count, memory[scratch : scratch + count])
            follow(tensor, theta, row, rows)
