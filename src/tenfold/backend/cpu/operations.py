"""One operation of a program, on the images of a block: which kernel it is, and where its numbers lie.

``memory``, ``params_at`` (parameters) and ``statistics`` are addresses. ``row`` counts the images of a
minibatch, ``local`` is how far a thread's own memory lies from the first thread's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.backend.cpu import batch_norm, conv, dense, elementwise, opcodes, per_channel, pool, winograd
from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.grouped_conv import grouped_conv, grouped_conv_gradient
from tenfold.backend.cpu.memory import add_to, copy
from tenfold.backend.cpu.pointwise import call_backward, call_forward
from tenfold.backend.cpu.vector import LANES, load_pixels, store
from tenfold.backend.cpu.views import floats, octets


@kernel
def place(memory: int, at: int, size: int, wide: int, row: int, local: int) -> int:
    """Address of a buffer's numbers for the images from ``row`` on."""
    return memory + 4 * (at + (row * size if wide else local))


@kernel
def scale_u8_to_float(image: int, y: int, size: int) -> None:
    """Bytes 0-255 to float32 0-1."""
    for j in range(0, size - LANES + 1, LANES):
        store(load_pixels(image + j), y + 4 * j, LANES)
    done = size // LANES * LANES
    rest, out = octets(image + done, size - done), floats(y + 4 * done, size - done)
    for j in range(size - done):
        out[j] = np.float32(rest[j]) / np.float32(255)


@kernel
def gather(pixels: Any, numbers: Any, order: Any, y: int, size: int) -> None:
    """Copy the chosen images into the workspace; bytes 0-255 become float32 0-1."""
    for i in range(order.shape[0]):
        if pixels.shape[0] > 0:
            scale_u8_to_float(np.int64(pixels.ctypes.data) + order[i] * size, y + 4 * i * size, size)
        else:
            copy(np.int64(numbers.ctypes.data) + 4 * order[i] * size, y + 4 * i * size, size)


@kernel
def forward(
    op: Any, op_at: int, memory: int, params_at: int, local: int, row: int, count: int, bits: int
) -> None:
    """One operation of the way forward, for ``count`` images."""
    x = place(memory, op.x, op.x_size, op.x_wide, row, local)
    y = place(memory, op.y, op.y_size, op.y_wide, row, local)
    if op.code == opcodes.DENSE:
        weight, bias, derived = params_at + 4 * op.weight, params_at + 4 * op.bias, params_at + 4 * op.derived
        dense.dense(op_at, count, x, weight, bias, derived, y, memory + 4 * (local + op.scratch))
    elif op.code == opcodes.WINOGRAD:
        weight, bias = params_at + 4 * op.weight, params_at + 4 * op.bias
        winograd.winograd(op_at, count, x, weight, bias, y, memory + 4 * (local + op.scratch))
    elif op.code == opcodes.ACTIVATION:
        if op.activation == opcodes.RELU:
            elementwise.relu(x, y, count * op.x_size)
        else:
            call_forward(op.loop, x, y, count * op.x_size)
    elif op.code == opcodes.DROPOUT:
        elementwise.dropout(op.threshold, bits + 2 * row * op.x_size, x, y, count * op.x_size)
    elif op.code == opcodes.SCALE:
        per_channel.scale(op_at, params_at, x, y, count * op.x_size // op.c)
    elif op.code == opcodes.LAYER_NORM:
        per_channel.layer_norm(op_at, params_at, x, y, count * op.x_size // op.c)
    elif op.code == opcodes.COPY:
        copy(x, y, count * op.x_size)
    elif op.code == opcodes.ADD:
        skip = place(memory, op.skip, op.x_size, op.skip_wide, row, local)
        elementwise.add_up(x, skip, y, count * op.x_size, op.activation == opcodes.RELU)
    else:
        weight, bias = params_at + 4 * op.weight, params_at + 4 * op.bias
        scratch = memory + 4 * (local + op.scratch)
        for i in range(count):
            xi, yi = x + 4 * i * op.x_size, y + 4 * i * op.y_size
            if op.code == opcodes.CONV:
                conv.conv(op_at, xi, weight, bias, yi, scratch)
            elif op.code == opcodes.GROUPED_CONV:
                grouped_conv(op_at, xi, weight, bias, yi, scratch)
            elif op.code == opcodes.MAX_POOL:
                pool.max_pool(op_at, xi, yi)
            elif op.code == opcodes.AVG_POOL:
                pool.avg_pool(op_at, xi, yi)


@kernel
def backward(
    op: Any,
    op_at: int,
    memory: int,
    params_at: int,
    local: int,
    row: int,
    count: int,
    gradient: int,
    bits: int,
) -> None:
    """One operation of the backward pass; gradient is the address of this shard's gradients."""
    x = place(memory, op.x, op.x_size, op.x_wide, row, local)
    y = place(memory, op.y, op.y_size, op.y_wide, row, local)
    dx = place(memory, op.dx, op.x_size, op.x_wide, row, local)
    dy = place(memory, op.dy, op.y_size, op.y_wide, row, local)
    derived = params_at + 4 * op.derived
    if op.code == opcodes.DENSE_BACK:
        dense.dense_input_gradient(op_at, count, dy, derived, dx)
    elif op.code == opcodes.WINOGRAD_BACK:
        dvalues, dbias = gradient + 4 * op.dweight, gradient + 4 * op.dbias
        scratch = memory + 4 * (local + op.scratch)
        winograd.winograd_gradient(op_at, count, x, dy, derived, dvalues, dbias, dx, scratch)
    elif op.code == opcodes.ACTIVATION_BACK:
        if op.activation == opcodes.RELU:
            elementwise.relu_gradient(y, dy, dx, count * op.y_size)
        else:
            call_backward(op.loop_back, x, y, dy, dx, count * op.y_size)
    elif op.code == opcodes.DROPOUT_BACK:
        elementwise.dropout(op.threshold, bits + 2 * row * op.x_size, dy, dx, count * op.x_size)
    elif op.code == opcodes.SCALE_BACK:
        rows, scratch = count * op.x_size // op.c, memory + 4 * (local + op.scratch)
        per_channel.scale_gradient(op_at, params_at, x, dy, dx, rows, gradient, scratch)
    elif op.code == opcodes.LAYER_NORM_BACK:
        rows, scratch = count * op.x_size // op.c, memory + 4 * (local + op.scratch)
        per_channel.layer_norm_gradient(op_at, params_at, x, dy, dx, rows, gradient, scratch)
    elif op.code == opcodes.COPY_BACK:
        copy(dy, dx, count * op.x_size)
    elif op.code == opcodes.ADD_BACK:
        add_to(dy, dx, count * op.x_size)
    else:
        scratch = memory + 4 * (local + op.scratch)
        for i in range(count):
            xi, dxi = x + 4 * i * op.x_size, dx + 4 * i * op.x_size
            yi, dyi = y + 4 * i * op.y_size, dy + 4 * i * op.y_size
            if op.code == opcodes.CONV_BACK:
                dweight, dbias = gradient + 4 * op.dweight, gradient + 4 * op.dbias
                conv.conv_weight_gradient(op_at, xi, dyi, dweight, dbias, scratch)
                if op.has_dx:
                    conv.conv_input_gradient(op_at, dyi, derived, dxi, scratch)
            elif op.code == opcodes.GROUPED_CONV_BACK:
                weight, dweight = params_at + 4 * op.weight, gradient + 4 * op.dweight
                dbias = gradient + 4 * op.dbias
                grouped_conv_gradient(op_at, xi, dyi, weight, dxi, dweight, dbias, scratch)
            elif op.code == opcodes.MAX_POOL_BACK:
                pool.max_pool_gradient(op_at, xi, yi, dyi, dxi)
            elif op.code == opcodes.AVG_POOL_BACK:
                pool.avg_pool_gradient(op_at, dyi, dxi)


@kernel
def normalise(
    op: Any, op_at: int, memory: int, params_at: int, local: int, row: int, count: int, n: int, whole: int,
    leads: int, shard: int, shards: int, gradient: int, sums: Any, coefficients: Any, statistics: int,
) -> None:  # fmt: skip
    """One half of batch normalisation, forward or back, for a block of one shard's images.

    The sums are those of ``whole`` images, n of them here; of all processes, the one that ``leads`` hands
    them on as gradients.
    """
    x = place(memory, op.x, op.x_size, op.x_wide, row, local)
    y = place(memory, op.y, op.y_size, op.y_wide, row, local)
    dx = place(memory, op.dx, op.x_size, op.x_wide, row, local)
    dy = place(memory, op.dy, op.y_size, op.y_wide, row, local)
    each = op.x_size // op.c
    rows, total, stride = count * each, whole * each, sums.shape[1]
    all_sums = np.int64(sums.ctypes.data) + 8 * op.sums
    own = all_sums + 8 * shard * stride
    kept = np.int64(coefficients.ctypes.data) + 8 * (shard * stride + op.sums)
    last = row + count == n  # the one block that every minibatch has in every process
    if op.code == opcodes.NORM_SUMS:
        batch_norm.norm_sums(op_at, x, rows, own)
    elif op.code == opcodes.NORM:
        batch_norm.norm(op_at, params_at, x, y, rows, total, all_sums, shards, stride, kept)
        if last:
            batch_norm.move_running(op_at, statistics, kept, total)
    elif op.code == opcodes.NORM_RUNNING:
        batch_norm.norm_running(op_at, params_at, x, y, rows, statistics, kept)
    elif op.code == opcodes.NORM_BACK_SUMS:
        batch_norm.norm_gradient_sums(op_at, x, y, dy, rows, own, kept)
    else:
        batch_norm.norm_gradient(
            op_at,
            params_at,
            x,
            dy,
            dx,
            rows,
            total,
            all_sums,
            shards,
            stride,
            kept,
            gradient,
            last and leads != 0,
        )
