"""Pooling, forward and backward, for one image; whole registers of channels at a time."""

from __future__ import annotations

from typing import Any

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.vector import (
    LANES,
    add,
    clear,
    load,
    maximum,
    store,
    where_equal,
    where_positive,
    zeros,
)


@kernel
def max_pool(op: Any, x: int, y: int) -> None:
    """``y (oh, ow, c)``: the largest number of each window of x (h, w, c); addresses."""
    row, pixel = 4 * op.w * op.c, 4 * op.c
    for a in range(op.oh):
        for b in range(op.ow):
            corner = x + a * op.sh * row + b * op.sw * pixel
            out = y + (a * op.ow + b) * pixel
            for channel in range(0, op.c, LANES):
                lanes = min(LANES, op.c - channel)
                largest = load(corner + 4 * channel, lanes)
                for i in range(op.kh):
                    for j in range(op.kw):
                        here = load(corner + i * row + j * pixel + 4 * channel, lanes)
                        largest = maximum(here, largest)
                store(largest, out + 4 * channel, lanes)


@kernel
def max_pool_gradient(op: Any, x: int, y: int, dy: int, dx: int) -> None:
    """Give dy to the first place of each window that held its largest number.

    With ``relu_after`` the derivative of a ReLU under the pooling is taken along: nothing goes to a
    largest number that is not positive.
    """
    row, pixel = 4 * op.w * op.c, 4 * op.c
    exact = op.kh == op.sh and op.kw == op.sw and op.oh * op.sh == op.h and op.ow * op.sw == op.w
    if not exact:  # windows overlap, or leave something uncovered
        clear(dx, op.h * op.w * op.c)
    nothing = zeros()
    for a in range(op.oh):
        for b in range(op.ow):
            corner = a * op.sh * row + b * op.sw * pixel
            out = (a * op.ow + b) * pixel
            for channel in range(0, op.c, LANES):
                lanes = min(LANES, op.c - channel)
                largest = load(y + out + 4 * channel, lanes)
                rest = load(dy + out + 4 * channel, lanes)
                if op.relu_after:
                    rest = where_positive(largest, rest, nothing)
                for i in range(op.kh):
                    for j in range(op.kw):
                        place = corner + i * row + j * pixel + 4 * channel
                        here = load(x + place, lanes)
                        share = where_equal(here, largest, rest, nothing)
                        rest = where_equal(here, largest, nothing, rest)
                        if not exact:
                            share = add(share, load(dx + place, lanes))
                        store(share, dx + place, lanes)


@kernel
def avg_pool(op: Any, memory: Any, x: int, y: int) -> None:
    """``y (oh, ow, c)``: the mean of each window; offsets into memory."""
    row, c = op.w * op.c, op.c
    scale = memory.dtype.type(1 / (op.kh * op.kw))
    for a in range(op.oh):
        for b in range(op.ow):
            out = y + (a * op.ow + b) * c
            for channel in range(c):
                memory[out + channel] = 0
            for i in range(op.kh):
                for j in range(op.kw):
                    start = x + (a * op.sh + i) * row + (b * op.sw + j) * c
                    for channel in range(c):
                        memory[out + channel] += memory[start + channel] * scale


@kernel
def avg_pool_gradient(op: Any, memory: Any, dy: int, dx: int) -> None:
    """Give each place of a window its equal share of dy."""
    row, c = op.w * op.c, op.c
    scale = memory.dtype.type(1 / (op.kh * op.kw))
    for i in range(op.h * row):
        memory[dx + i] = 0
    for a in range(op.oh):
        for b in range(op.ow):
            out = dy + (a * op.ow + b) * c
            for i in range(op.kh):
                for j in range(op.kw):
                    start = dx + (a * op.sh + i) * row + (b * op.sw + j) * c
                    for channel in range(c):
                        memory[start + channel] += memory[out + channel] * scale
