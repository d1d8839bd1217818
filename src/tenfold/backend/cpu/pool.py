"""Pooling, forward and backward, for one image: whole registers of channels; places are addresses."""

from __future__ import annotations

import numpy as np

from tenfold.backend.cpu.compilation import linked
from tenfold.backend.cpu.vector import (
    LANES,
    add,
    clear,
    load,
    maximum,
    multiply,
    splat,
    store,
    where_equal,
    where_positive,
    zeros,
)
from tenfold.backend.cpu.views import operation


@linked
def max_pool(op_at: int, x: int, y: int) -> None:
    """``y (oh, ow, c)``: the largest number of each window of x (h, w, c)."""
    op = operation(op_at)
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


@linked
def max_pool_gradient(op_at: int, x: int, y: int, dy: int, dx: int) -> None:
    """Give dy to the first place of each window that held its largest number.

    With ``relu_after`` the derivative of a ReLU under the pooling is taken along: nothing goes to a
    largest number that is not positive.
    """
    op = operation(op_at)
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


@linked
def avg_pool(op_at: int, x: int, y: int) -> None:
    """``y (oh, ow, c)``: the mean of each window."""
    op = operation(op_at)
    row, pixel = 4 * op.w * op.c, 4 * op.c
    scale = splat(np.float32(1 / (op.kh * op.kw)))
    for a in range(op.oh):
        for b in range(op.ow):
            corner = x + a * op.sh * row + b * op.sw * pixel
            out = y + (a * op.ow + b) * pixel
            for channel in range(0, op.c, LANES):
                lanes = min(LANES, op.c - channel)
                total = zeros()
                for i in range(op.kh):
                    for j in range(op.kw):
                        total = add(total, load(corner + i * row + j * pixel + 4 * channel, lanes))
                store(multiply(total, scale), out + 4 * channel, lanes)


@linked
def avg_pool_gradient(op_at: int, dy: int, dx: int) -> None:
    """Give each place of a window its equal share of dy."""
    op = operation(op_at)
    row, pixel = 4 * op.w * op.c, 4 * op.c
    scale = splat(np.float32(1 / (op.kh * op.kw)))
    clear(dx, op.h * op.w * op.c)
    for a in range(op.oh):
        for b in range(op.ow):
            corner = dx + a * op.sh * row + b * op.sw * pixel
            out = dy + (a * op.ow + b) * pixel
            for channel in range(0, op.c, LANES):
                lanes = min(LANES, op.c - channel)
                share = multiply(load(out + 4 * channel, lanes), scale)
                for i in range(op.kh):
                    for j in range(op.kw):
                        place = corner + i * row + j * pixel + 4 * channel
                        store(add(share, load(place, lanes)), place, lanes)
