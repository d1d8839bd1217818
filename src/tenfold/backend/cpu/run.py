"""Programs run here: a whole chunk of training steps, or of predictions, in one compiled call.

Every thread runs `train` at the same time with its own number. In each step a thread takes its
share of the minibatch forward and back, block by block, so that what it works on stays in its
core's cache; all meet; each moves its share of the parameters (`update`); all meet again.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tenfold.backend.cpu import batch_norm, conv, dense, elementwise, opcodes, pool
from tenfold.backend.cpu.barrier import meet
from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.cpu.loss import loss
from tenfold.backend.cpu.update import follow, update
from tenfold.backend.cpu.vector import clear


@kernel
def gather(op: Any, memory: Any, pixels: Any, numbers: Any, order: Any, y: int) -> None:
    """Copy the chosen images into the workspace; bytes 0-255 become float32 0-1."""
    size = op.y_size
    white = np.float32(255)
    for i in range(order.shape[0]):
        out = memory[y + i * size : y + (i + 1) * size]
        if pixels.shape[0] > 0:
            image = pixels[order[i]]
            for j in range(size):
                out[j] = np.float32(image[j]) / white
        else:
            numbers_of = numbers[order[i]]
            for j in range(size):
                out[j] = numbers_of[j]


@kernel
def forward(
    op: Any, memory: Any, base: int, theta: Any, theta_base: int, local: int, first: int, count: int,
    bits: Any, draws: int,
) -> None:  # fmt: skip
    """One operation of the way forward, for the images first to first + count of the minibatch."""
    x = op.x + (first * op.x_size if op.x_wide else local)
    y = op.y + (first * op.y_size if op.y_wide else local)
    if op.code == opcodes.DENSE:
        bias = theta_base + 4 * op.bias
        dense.dense(op, count, base + 4 * x, theta_base + 4 * op.weight, bias, base + 4 * y)
    elif op.code == opcodes.ACTIVATION:
        elementwise.activation(op.activation, op.value, memory, x, y, count * op.x_size)
    elif op.code == opcodes.DROPOUT:
        at = draws + first * op.x_size
        elementwise.dropout(op.threshold, memory, bits, at, x, y, count * op.x_size)
    else:
        for i in range(count):
            xi, yi = x + i * op.x_size, y + i * op.y_size
            if op.code == opcodes.CONV:
                weight, bias = theta_base + 4 * op.weight, theta_base + 4 * op.bias
                conv.conv(op, base + 4 * xi, weight, bias, base + 4 * yi, base + 4 * (local + op.scratch))
            elif op.code == opcodes.MAX_POOL:
                pool.max_pool(op, base + 4 * xi, base + 4 * yi)
            elif op.code == opcodes.AVG_POOL:
                pool.avg_pool(op, memory, xi, yi)


@kernel
def backward(
    op: Any, memory: Any, base: int, theta_base: int, local: int, first: int, count: int,
    gradient: int, bits: Any, draws: int,
) -> None:  # fmt: skip
    """One operation of the way back; gradient is the offset of this shard's gradients."""
    x = op.x + (first * op.x_size if op.x_wide else local)
    dx = op.dx + (first * op.x_size if op.x_wide else local)
    y = op.y + (first * op.y_size if op.y_wide else local)
    dy = op.dy + (first * op.y_size if op.y_wide else local)
    if op.code == opcodes.DENSE_BACK:
        derived = theta_base + 4 * op.derived
        dense.dense_input_gradient(op, count, base + 4 * dy, derived, base + 4 * dx)
    elif op.code == opcodes.ACTIVATION_BACK:
        size = count * op.y_size
        elementwise.activation_gradient(op.activation, op.value, memory, y, dy, dx, size)
    elif op.code == opcodes.DROPOUT_BACK:
        at = draws + first * op.x_size
        elementwise.dropout(op.threshold, memory, bits, at, dy, dx, count * op.x_size)
    else:
        for i in range(count):
            xi, dxi = x + i * op.x_size, dx + i * op.x_size
            yi, dyi = y + i * op.y_size, dy + i * op.y_size
            if op.code == opcodes.CONV_BACK:
                scratch = base + 4 * (local + op.scratch)
                dweight, dbias = base + 4 * (gradient + op.dweight), base + 4 * (gradient + op.dbias)
                conv.conv_weight_gradient(op, base + 4 * xi, base + 4 * dyi, dweight, dbias, scratch)
                if op.has_dx:
                    derived = theta_base + 4 * op.derived
                    conv.conv_input_gradient(op, base + 4 * dyi, derived, base + 4 * dxi, scratch)
            elif op.code == opcodes.MAX_POOL_BACK:
                pool.max_pool_gradient(op, base + 4 * xi, base + 4 * yi, base + 4 * dyi, base + 4 * dxi)
            elif op.code == opcodes.AVG_POOL_BACK:
                pool.avg_pool_gradient(op, memory, dyi, dxi)


@kernel
def normalise(
    op: Any, memory: Any, theta: Any, first: int, count: int, n: int, shard: int, shards: int,
    gradient: int, sums: Any, coefficients: Any, statistics: Any,
) -> None:  # fmt: skip
    """One half of batch normalisation, forward or back, for one shard."""
    x, y = op.x + first * op.x_size, op.y + first * op.y_size
    dx, dy = op.dx + first * op.x_size, op.dy + first * op.y_size
    each = op.x_size // op.c
    rows, total = count * each, n * each
    kept = coefficients[shard, op.sums : op.sums + 4 * op.c]
    last = shard == shards - 1  # the one shard that is never empty
    if op.code == opcodes.NORM_SUMS:
        batch_norm.norm_sums(op, memory, x, rows, sums[shard])
    elif op.code == opcodes.NORM:
        batch_norm.norm(op, memory, theta, x, y, rows, total, sums[:shards], kept)
        if last:
            batch_norm.move_running(op, statistics, kept, total)
    elif op.code == opcodes.NORM_RUNNING:
        batch_norm.norm_running(op, memory, theta, x, y, rows, statistics, kept)
    elif op.code == opcodes.NORM_BACK_SUMS:
        batch_norm.norm_gradient_sums(op, memory, x, dy, rows, sums[shard], kept)
    else:
        batch_norm.norm_gradient(
            op, memory, theta, x, dy, dx, rows, total, sums[:shards], kept, gradient, last
        )


@kernel
def work(
    program: Any, begin: int, end: int, layout: Any, memory: Any, base: int, theta: Any, theta_base: int,
    pixels: Any, numbers: Any, order: Any, labels: Any, n: int, shard: int, first: int, count: int,
    local: int, bits: Any, draws: int, tally: Any, sums: Any, coefficients: Any, statistics: Any,
) -> None:  # fmt: skip
    """Operations begin to end for one block of images."""
    gradient = layout.gradients + shard * layout.shard_size
    dropped = draws
    for i in range(begin, end):
        op = program[i]
        if op.code == opcodes.GATHER:
            y = op.y + (first * op.y_size if op.y_wide else local)
            gather(op, memory, pixels, numbers, order[first : first + count], y)
        elif op.code == opcodes.LOSS:
            x = op.x + (first * op.x_size if op.x_wide else local)
            dx = op.dx + (first * op.x_size if op.x_wide else local)
            answers = labels[first : first + count]
            loss(op.method, op.value, memory, x, dx, op.x_size, answers, n, tally[shard])
        elif op.code in (
            opcodes.NORM_SUMS, opcodes.NORM, opcodes.NORM_RUNNING, opcodes.NORM_BACK_SUMS, opcodes.NORM_BACK
        ):  # fmt: skip
            normalise(
                op, memory, theta, first, count, n, shard, layout.shards, gradient, sums, coefficients,
                statistics,
            )  # fmt: skip
        else:
            draws = dropped + n * op.draws
            if op.code < opcodes.LOSS:
                forward(op, memory, base, theta, theta_base, local, first, count, bits, draws)
            else:
                backward(op, memory, base, theta_base, local, first, count, gradient, bits, draws)


@entry
def train(
    thread: int, threads: int, program: Any, segments: Any, tensors: Any, layout: Any, memory: Any,
    theta: Any, pixels: Any, numbers: Any, order: Any, labels: Any, n: int, rates: Any, step: int,
    optimiser: Any, bits: Any, tally: Any, sums: Any, coefficients: Any, statistics: Any, counter: Any,
    losses: Any, correct: Any,
) -> int:  # fmt: skip
    """Run ``len(rates)`` steps of n images each; return how many were run.

    Stops before the update of the first step whose loss is not finite. ``step`` counts the updates
    made before; tally holds two numbers for each shard.
    """
    base, theta_base = np.int64(memory.ctypes.data), np.int64(theta.ctypes.data)
    local = thread * layout.local_size
    shards = layout.shards
    for s in range(rates.shape[0]):
        chosen, answers = order[s * n : (s + 1) * n], labels[s * n : (s + 1) * n]
        draws = s * n * layout.draws
        for segment in range(segments.shape[0] - 1):
            for shard in range(thread, shards, threads):
                if segment == 0:
                    tally[shard] = 0
                    sums[shard] = 0
                    start = layout.gradients + shard * layout.shard_size
                    clear(base + 4 * start, layout.shard_size)
                last = n * (shard + 1) // shards
                for first in range(n * shard // shards, last, layout.block):
                    work(
                        program, segments[segment], segments[segment + 1], layout, memory, base, theta,
                        theta_base, pixels, numbers, chosen, answers, n, shard, first,
                        min(layout.block, last - first), local, bits, draws, tally, sums, coefficients,
                        statistics,
                    )  # fmt: skip
            meet(counter, threads)
        cost, right = 0.0, 0.0
        for shard in range(shards):
            cost += tally[shard, 0]
            right += tally[shard, 1]
        if thread == 0:
            losses[s], correct[s] = cost, np.int64(right)
        if not math.isfinite(cost):
            return s + 1
        update(
            tensors, thread, threads, memory, base, theta, layout.size, n, shards, layout.shard_size,
            local + layout.strip, optimiser, rates[s], step + s + 1,
        )  # fmt: skip
        meet(counter, threads)
    return int(rates.shape[0])


@entry
def predict(
    thread: int, threads: int, program: Any, layout: Any, memory: Any, theta: Any, pixels: Any,
    numbers: Any, order: Any, outputs: Any, coefficients: Any, statistics: Any, last: Any,
) -> None:  # fmt: skip
    """Logits of the images in order, block by block; the blocks are dealt out to the threads."""
    base, theta_base = np.int64(memory.ctypes.data), np.int64(theta.ctypes.data)
    local = thread * layout.local_size
    nothing, no_bits = np.zeros((1, 1)), np.zeros(0, np.uint16)
    n, k = order.shape[0], last.y_size
    row = thread * layout.block
    for first in range(row, n, threads * layout.block):
        count = min(layout.block, n - first)
        for i in range(program.shape[0]):
            op = program[i]
            if op.code == opcodes.GATHER:
                y = op.y + (row * op.y_size if op.y_wide else local)
                gather(op, memory, pixels, numbers, order[first : first + count], y)
            elif op.code == opcodes.NORM_RUNNING:
                normalise(
                    op, memory, theta, row, count, count, thread, threads, 0, nothing, coefficients, statistics
                )  # fmt: skip
            else:
                forward(op, memory, base, theta, theta_base, local, row, count, no_bits, 0)
        start = last.y + (row * k if last.y_wide else local)
        for i in range(count):
            for j in range(k):
                outputs[first + i, j] = memory[start + i * k + j]


@entry
def refresh(tensors: Any, theta: Any) -> None:
    """Compute all that follows from the parameters, after they were set from outside."""
    for i in range(tensors.shape[0]):
        follow(tensors[i], theta, 0, tensors[i].rows)
