"""Programs run here: a whole chunk of training steps, or of predictions, in one compiled call.

Every thread runs `train` at the same time with its own number. In each step a thread takes a shard of
the minibatch forward and back, block by block, so that what it works on stays in its core's cache. When
all shards are done, each thread moves a share of the parameters (`update`); when all are moved, the next
step begins. Batch normalisation needs sums over the whole minibatch: there the threads wait for each
other as well. Which thread takes which shard is decided as they run (`phases`).

The names of addresses are those of `operations`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.atomic import fetch_add
from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.cpu.denormals import flush_denormals, restore_denormals
from tenfold.backend.cpu.loss import loss
from tenfold.backend.cpu.memory import clear, copy
from tenfold.backend.cpu.operations import backward, forward, gather, normalise, place
from tenfold.backend.cpu.phases import abandon, finish, next_phase, take
from tenfold.backend.cpu.update import follow, move_share_by, rederive, update
from tenfold.backend.cpu.views import optimiser_at


class Task(NamedTuple):
    """Some training steps of n images each, and all that they need."""

    program: Any  # rows of opcodes.OPERATION
    segments: Any  # where each begins in the program, and where the last one ends
    tensors: Any  # rows of opcodes.TENSOR
    layout: Any
    memory: int
    params_at: int
    statistics: int
    optimiser: int  # address of an opcodes.OPTIMISER
    pixels: Any
    numbers: Any
    order: Any  # (steps * n,)
    labels: Any  # (steps * n,), in this order
    weights: Any  # likewise, or empty: each image counts as much
    bits: int  # address of the random numbers of dropout
    n: int  # images a step
    whole: int  # images of the whole minibatch: more than n where other processes have the rest
    leads: int  # 1, or 0 where another process hands on what is summed over the whole minibatch
    rates: Any  # (steps,)
    step: int  # updates made before
    begin: int  # the first phase to run; `train_steps` counts them over all steps
    end: int  # the one after the last
    tally: Any  # (shards, 2): cost, and how many were right
    sums: Any
    coefficients: Any
    board: Any  # `phases.board`
    losses: Any  # (steps,)
    correct: Any  # (steps,)


@kernel
def run_segment(task: Any, s: int, segment: int, shard: int, row: int, count: int, local: int) -> None:
    """A segment's operations for ``count`` images of the s-th minibatch from ``row`` on."""
    program, layout, memory, params_at, n = task.program, task.layout, task.memory, task.params_at, task.n
    gradient = memory + 4 * (layout.gradients + shard * layout.shard_size)
    first = s * n + row
    for i in range(task.segments[segment], task.segments[segment + 1]):
        op, op_at = program[i], np.int64(program.ctypes.data) + i * program.itemsize
        bits = task.bits + 2 * n * (s * layout.draws + op.draws)
        if op.code == opcodes.GATHER:
            y = place(memory, op.y, op.y_size, op.y_wide, row, local)
            gather(task.pixels, task.numbers, task.order[first : first + count], y, op.y_size)
        elif op.code == opcodes.LOSS:
            x = place(memory, op.x, op.x_size, op.x_wide, row, local)
            dx = place(memory, op.dx, op.x_size, op.x_wide, row, local)
            answers = np.int64(task.labels.ctypes.data) + 8 * first
            own = np.int64(task.tally.ctypes.data) + 16 * shard
            weights = np.int64(0)
            if task.weights.size > 0:
                weights = np.int64(task.weights.ctypes.data) + 8 * first
            loss(op.method, op.value, x, dx, op.x_size, answers, weights, count, task.whole, own)
        elif opcodes.NORM_SUMS <= op.code <= opcodes.NORM_BACK:
            normalise(
                op, op_at, memory, params_at, local, row, count, n, task.whole, task.leads, shard,
                layout.shards, gradient, task.sums, task.coefficients, task.statistics,
            )  # fmt: skip
        elif op.code >= opcodes.FALLBACK:
            continue  # Python has run it before this segment
        elif op.code < opcodes.LOSS:
            forward(op, op_at, memory, params_at, local, row, count, bits)
        else:
            backward(op, op_at, memory, params_at, local, row, count, gradient, bits)


@kernel
def zero_accumulators(task: Any, shard: int) -> None:
    """Set to zero what a shard adds up in a step."""
    layout = task.layout
    task.tally[shard] = 0
    task.sums[shard] = 0
    clear(task.memory + 4 * (layout.gradients + shard * layout.shard_size), layout.shard_size)


@kernel
def pass_shard(task: Any, s: int, segment: int, shard: int, local: int) -> None:
    """A segment's operations for a shard's images of the s-th minibatch, block by block."""
    layout, n = task.layout, task.n
    if segment == 0:
        zero_accumulators(task, shard)
    last = n * (shard + 1) // layout.shards
    for row in range(n * shard // layout.shards, last, layout.block):
        run_segment(task, s, segment, shard, row, min(layout.block, last - row), local)


@kernel
def move_share(task: Any, s: int, share: int, local: int) -> bool:
    """Move a share of the parameters, unless the loss is not finite: then return False."""
    layout, shards = task.layout, task.layout.shards
    cost, right = 0.0, 0.0
    for shard in range(shards):
        cost += task.tally[shard, 0]
        right += task.tally[shard, 1]
    if share == 0 or not math.isfinite(cost):
        task.losses[s], task.correct[s] = cost, np.int64(right)
    if not math.isfinite(cost):
        return False
    update(
        task.tensors, share, task.memory, task.params_at, layout.size, task.n, shards, layout.shard_size,
        task.memory + 4 * (local + layout.strip), task.memory + 4 * (local + layout.scratch),
        task.optimiser, task.rates[s], task.step + s + 1,
    )  # fmt: skip
    o = optimiser_at(task.optimiser)
    if share == 0 and o.statistics_average != 0:
        follow(task.optimiser, task.step + s + 1, task.statistics, o.statistics_average, o.statistics)
    return True


@kernel
def train_steps(thread: int, threads: int, task: Any) -> None:
    """Run phases with the other threads; end before the update of a step whose loss is not finite."""
    board, shards, segments = np.int64(task.board.ctypes.data), task.layout.shards, task.segments.shape[0] - 1
    local = thread * task.layout.local_size
    phases = segments + 1  # of a step; the last one moves the parameters
    phase = task.begin
    while phase < task.end:
        s, segment = phase // phases, phase % phases
        for i in range(shards):
            shard = (shards * thread // threads + i) % shards  # its own first
            if not take(board, shard, phase):
                continue
            if segment < segments:
                pass_shard(task, s, segment, shard, local)
            elif not move_share(task, s, shard, local):
                abandon(board)
                return
            finish(board, shards)
        phase = next_phase(board, shards, phase)


@entry
def train(thread: int, threads: int, task: Any) -> None:
    """`train_steps`, with numbers too small to matter taken for 0."""
    before = flush_denormals()
    train_steps(thread, threads, task)
    restore_denormals(before)


@entry
def predict(
    thread: int, threads: int, program: Any, block: int, local_size: int, taken: int, memory: int,
    params_at: int, statistics: int, pixels: Any, numbers: Any, order: Any, outputs: Any, sums: Any,
    coefficients: Any,
) -> None:  # fmt: skip
    """Outputs of the images in order; each thread takes the next block as soon as it is free.

    ``taken`` is the address of an int64: how many images are taken, 0 at first.

    The last operation of the program says where the outputs lie. Numbers are handed over rather than
    a row of a table, for which Python takes longer than for a small network's image.
    """
    before = flush_denormals()
    local, row = thread * local_size, thread * block
    n, k, last = order.shape[0], outputs.shape[1], program[program.shape[0] - 1]
    first = fetch_add(taken, block)
    while first < n:
        count = min(block, n - first)
        for i in range(program.shape[0]):
            op, op_at = program[i], np.int64(program.ctypes.data) + i * program.itemsize
            if op.code == opcodes.GATHER:
                y = place(memory, op.y, op.y_size, op.y_wide, row, local)
                gather(pixels, numbers, order[first : first + count], y, op.y_size)
            elif op.code == opcodes.NORM_RUNNING:
                normalise(
                    op, op_at, memory, params_at, local, row, count, count, count, 1, thread, threads, 0,
                    sums, coefficients, statistics,
                )  # fmt: skip
            else:
                forward(op, op_at, memory, params_at, local, row, count, 0)
        start = place(memory, last.y, k, last.y_wide, row, local)
        copy(start, np.int64(outputs.ctypes.data) + 4 * first * k, count * k)
        first = fetch_add(taken, block)
    restore_denormals(before)


@entry
def refresh(tensors: Any, params_at: int) -> None:
    """Compute all that follows from the parameters, after they were set from outside."""
    for i in range(tensors.shape[0]):
        rederive(np.int64(tensors.ctypes.data) + i * tensors.itemsize, params_at, 0, tensors[i].rows)


@entry
def average(optimiser: int, step: int, at: int, distance: int, count: int) -> None:
    """Let averages follow numbers after a step that is not taken here."""
    follow(optimiser, step, at, distance, count)


@entry
def move_by_gradient(
    thread: int, threads: int, tensors: Any, params_at: int, size: int, gradient_at: int, optimiser: int,
    rate: float, step: int,
) -> None:  # fmt: skip
    """Move a thread's share of the parameters by a gradient that is there as a whole."""
    before = flush_denormals()
    move_share_by(thread, threads, tensors, params_at, size, gradient_at, optimiser, rate, step)
    restore_denormals(before)
