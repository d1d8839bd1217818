"""The second half of a step: gradients of whole tensors, and the optimiser over them.

A thread takes a strip of rows of a tensor, computes the strip's gradient over the whole minibatch,
and moves the parameters at once, while all of it is still in the core's cache. No gradient of a
dense layer is ever written to memory as a whole.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.conv import add_columns, taps_of_phase
from tenfold.backend.cpu.dense import dense_weight_gradient, note_finite, transpose_panels
from tenfold.backend.cpu.memory import clear, copy
from tenfold.backend.cpu.transposition import transpose
from tenfold.backend.cpu.views import floats, optimiser_at, tensor_at
from tenfold.backend.cpu.winograd_kernels import kernel_gradient, kernel_values


@kernel
def adam(o: Any, rate: float, step: int, parameters: Any, gradient: Any, m: Any, v: Any) -> None:
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


@linked
def follow(optimiser: int, step: int, at: int, distance: int, count: int) -> None:
    """Let averages follow numbers: ``a = a + (1 - d) (x - a)``, ``d = min(decay, (1 + t) / (10 + t))``."""
    o = optimiser_at(optimiser)
    left = np.float32(1 - min(o.decay, (1 + step) / (10 + step)))
    numbers, averages = floats(at, count), floats(at + distance, count)
    for i in range(count):
        averages[i] += left * (numbers[i] - averages[i])


@linked
def move(
    optimiser: int, rate: float, step: int, parameters_at: int, slot: int, count: int, gradient_at: int
) -> None:
    """Move ``count`` parameters; the optimiser's numbers for each lie one and two ``slot`` bytes further."""
    o = optimiser_at(optimiser)
    parameters, gradient = floats(parameters_at, count), floats(gradient_at, count)
    first = floats(parameters_at + slot, count)
    if o.kind == opcodes.ADAM:
        adam(o, rate, step, parameters, gradient, first, floats(parameters_at + 2 * slot, count))
    elif o.kind == opcodes.RMSPROP:
        rmsprop(o, rate, parameters, gradient, first)
    elif o.kind == opcodes.GRADIENT:
        copy(gradient_at, parameters_at + slot, count)
        return
    else:
        sgd(o, rate, parameters, gradient, first)
    if o.average != 0:
        follow(optimiser, step, parameters_at, o.average, count)


@kernel
def spread_index(t: Any, row: int, place: int) -> int:
    """Where a row of a kernel lies in the kernel that makes several pixels at once, for one of them."""
    i, j, channel = row // (t.kw * t.c), row // t.c % t.kw, row % t.c
    width = t.kw + (t.per_window - 1) * t.sw
    wide_row = (i * width + j + place * t.sw) * t.c + channel
    return (wide_row * t.per_window + place) * t.columns


@kernel
def flipped_place(t: Any, place: int) -> int:
    """Where one place of a kernel lies in the turned kernel: phase by phase of the stride (`conv`)."""
    i, j = place // t.kw, place % t.kw
    phase, side = i % t.sh, j % t.sw
    down, across = taps_of_phase(t.kh, t.sh, phase), taps_of_phase(t.kw, t.sw, side)
    before = 0
    for earlier in range(phase):
        before += taps_of_phase(t.kh, t.sh, earlier) * t.kw
    for earlier in range(side):
        before += down * taps_of_phase(t.kw, t.sw, earlier)
    return before + (down - 1 - i // t.sh) * across + across - 1 - j // t.sw


@linked
def rederive(tensor: int, params_at: int, row: int, rows: int) -> None:
    """Bring what follows from rows of a weight up to date: its transpose, its flipped kernel, ..."""
    t = tensor_at(tensor)
    columns, size = t.columns, t.rows * t.columns
    if t.form == opcodes.NOTHING:
        return
    if t.form == opcodes.VALUES:  # of whole kernels: rows count channels
        kernel_values(tensor, params_at, row, rows)
        return
    if t.form == opcodes.CHECKED:
        note_finite(params_at + 4 * t.parameter, params_at + 4 * t.derived, row, rows, columns)
        return
    if t.form == opcodes.PANELS:
        transpose_panels(params_at + 4 * t.parameter, params_at + 4 * t.derived, row, rows, columns)
        return
    weight = floats(params_at + 4 * t.parameter, size)
    derived = floats(params_at + 4 * t.derived, size * t.per_window * t.per_window)
    if t.form == opcodes.TRANSPOSED:
        at, into = params_at + 4 * (t.parameter + row * columns), params_at + 4 * (t.derived + row)
        transpose(at, columns, rows, columns, into, t.rows)
    elif t.form == opcodes.SPREAD:
        for i in range(row, row + rows):
            for place in range(t.per_window):
                for j in range(columns):
                    derived[spread_index(t, i, place) + j] = weight[i * columns + j]
    else:  # FLIPPED: (kh, kw, c, oc) to (kh, kw, oc, c), turned by 180 degrees
        c, i = t.c, row
        while i < row + rows:
            place, channel = i // c, i % c
            count = min(c - channel, row + rows - i)
            at = params_at + 4 * (t.parameter + i * columns)
            into = params_at + 4 * (t.derived + flipped_place(t, place) * columns * c + channel)
            transpose(at, columns, count, columns, into, c)
            i += count


@linked
def strip_gradient(
    tensor: int, memory: int, n: int, row: int, rows: int, shards: int, shard_size: int, into: int,
    scratch: int,
) -> None:  # fmt: skip
    """The gradient of some rows of a tensor, over the whole minibatch."""
    t = tensor_at(tensor)
    columns, count = t.columns, rows * t.columns
    if t.source == opcodes.FROM_VALUES:
        kernel_gradient(tensor, memory, row, rows, shards, shard_size, into)
    elif t.source == opcodes.FROM_PRODUCT:
        x, dy = memory + 4 * (t.x + row), memory + 4 * t.dy
        dense_weight_gradient(n, rows, t.rows, columns, x, dy, into, scratch, t.form == opcodes.CHECKED)
    elif t.source == opcodes.FROM_COLUMNS:
        clear(into, count)
        add_columns(memory + 4 * t.dy, n, columns, into)
    elif t.form == opcodes.SPREAD:
        clear(into, count)
        total = floats(into, count)
        for shard in range(shards):
            part = floats(memory + 4 * (t.gradient + shard * shard_size), shard_size)
            for i in range(rows):
                for place in range(t.per_window):
                    start = spread_index(t, row + i, place)
                    for j in range(columns):
                        total[i * columns + j] += part[start + j]
    else:
        start = memory + 4 * (t.gradient + row * columns)
        copy(start, into, count)
        total = floats(into, count)
        for shard in range(1, shards):
            part = floats(start + 4 * shard * shard_size, count)
            for i in range(count):
                total[i] += part[i]


@kernel
def leaves_alone(optimiser: int) -> bool:
    """Whether a parameter whose gradient is 0 stays as it is, and no average follows it."""
    o = optimiser_at(optimiser)
    return o.kind == opcodes.SGD and o.momentum == 0 and o.weight_decay == 0 and o.average == 0


@kernel
def rows_of_share(t: Any, share: int, shares: int) -> tuple[int, int]:
    """Which rows of a tensor belong to a share: a range of a large one's, all or none of a small one's."""
    if t.owner < 0:
        return t.rows * share // shares, t.rows * (share + 1) // shares
    return 0, t.rows if t.owner % shares == share else 0


@kernel
def next_rows(row: int, end: int, strip: int, pixels: Any, lit_alone: bool) -> tuple[int, int]:
    """Where the next strip begins and how many rows it has: of all rows, or where the pixel is not 0."""
    if not lit_alone:
        return row, min(strip, end - row)
    while row < end and pixels[row] == 0:
        row += 1
    last = row
    while last < min(end, row + strip) and pixels[last] != 0:
        last += 1
    return row, last - row


@kernel
def update(
    tensors: Any, share: int, memory: int, params_at: int, size: int, n: int, shards: int, shard_size: int,
    strip: int, scratch: int, optimiser: int, rate: float, step: int,
) -> None:  # fmt: skip
    """One of as many shares as there are shards: a range of rows of each large tensor, and small tensors.

    Where there is but one image, a weight that it meets first has no gradient at its pixels that are 0;
    where that leaves parameters alone, such rows are passed over.
    """
    one_image = n == 1 and leaves_alone(optimiser)
    moves = optimiser_at(optimiser).kind != opcodes.GRADIENT
    for i in range(tensors.shape[0]):
        t, tensor = tensors[i], tensors.ctypes.data + i * tensors.itemsize
        begin, end = rows_of_share(t, share, shards)
        lit_alone = one_image and t.form == opcodes.CHECKED
        pixels = floats(memory + 4 * t.x, t.rows if lit_alone else 0)
        while begin < end:
            row, rows = next_rows(begin, end, t.strip, pixels, lit_alone)
            begin = row + rows
            if rows == 0:
                break
            strip_gradient(tensor, memory, n, row, rows, shards, shard_size, strip, scratch)
            count = rows * t.columns
            for tap in range(t.taps):
                parameters = params_at + 4 * (t.parameter + (tap * t.rows + row) * t.columns)
                move(optimiser, rate, step, parameters, 4 * size, count, strip + 4 * tap * count)
            if moves:
                rederive(tensor, params_at, row, rows)


@kernel
def move_share_by(
    share: int, shares: int, tensors: Any, params_at: int, size: int, gradient_at: int, optimiser: int,
    rate: float, step: int,
) -> None:  # fmt: skip
    """Move one of some shares of the parameters by a gradient that lies in memory as they do."""
    for i in range(tensors.shape[0]):
        t, tensor = tensors[i], tensors.ctypes.data + i * tensors.itemsize
        begin, end = rows_of_share(t, share, shares)
        if begin == end:
            continue
        for tap in range(t.taps):
            at = 4 * (t.parameter + (tap * t.rows + begin) * t.columns)
            count = (end - begin) * t.columns
            move(optimiser, rate, step, params_at + at, 4 * size, count, gradient_at + at)
        rederive(tensor, params_at, begin, end - begin)
