"""Pooling, forward and backward, for one image: whole registers of channels; places are addresses."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.lanewise import add, maximum, multiply, splat, where_equal, where_positive
from tenfold.backend.cpu.memory import clear
from tenfold.backend.cpu.vector import LANES, load, store, zeros
from tenfold.backend.cpu.views import operation


@kernel
def _largest(corner: int, row: int, pixel: int, height: int, width: int, lanes: int) -> Any:
    """The largest number of one window of any size."""
    largest = load(corner, lanes)
    for i in range(height):
        for j in range(width):
            largest = maximum(load(corner + i * row + j * pixel, lanes), largest)
    return largest


@kernel
def _share(place: int, away: int, largest: Any, rest: Any, lanes: int) -> Any:
    """Write what one place of a window gets, ``away`` bytes further; return what is left for the others."""
    here = load(place, lanes)
    store(where_equal(here, largest, rest, zeros()), place + away, lanes)
    return where_equal(here, largest, zeros(), rest)


@linked
def max_pool(op_at: int, x: int, y: int) -> None:
    """``y (oh, ow, c)``: the largest number of each window of x (h, w, c)."""
    op = operation(op_at)
    row, pixel = 4 * op.w * op.c, 4 * op.c
    for channel in range(0, op.c, LANES):
        lanes = min(LANES, op.c - channel)
        for a in range(op.oh):
            corner, out = x + a * op.sh * row + 4 * channel, y + a * op.ow * pixel + 4 * channel
            for _ in range(op.ow):
                if op.kh == 2 and op.kw == 2:
                    above = maximum(load(corner, lanes), load(corner + pixel, lanes))
                    below = maximum(load(corner + row, lanes), load(corner + row + pixel, lanes))
                    store(maximum(above, below), out, lanes)
                else:
                    store(_largest(corner, row, pixel, op.kh, op.kw, lanes), out, lanes)
                corner += op.sw * pixel
                out += pixel


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
    away, nothing = dx - x, zeros()
    for channel in range(0, op.c, LANES):
        lanes = min(LANES, op.c - channel)
        for a in range(op.oh):
            corner, out = x + a * op.sh * row + 4 * channel, a * op.ow * pixel + 4 * channel
            for _ in range(op.ow):
                largest, rest = load(y + out, lanes), load(dy + out, lanes)
                if op.relu_after:
                    rest = where_positive(largest, rest, nothing)
                if exact and op.kh == 2 and op.kw == 2:
                    rest = _share(corner, away, largest, rest, lanes)
                    rest = _share(corner + pixel, away, largest, rest, lanes)
                    rest = _share(corner + row, away, largest, rest, lanes)
                    _share(corner + row + pixel, away, largest, rest, lanes)
                else:
                    for i in range(op.kh):
                        for j in range(op.kw):
                            place = corner + i * row + j * pixel
                            before = load(place + away, lanes)
                            rest = _share(place, away, largest, rest, lanes)
                            if not exact:
                                store(add(before, load(place + away, lanes)), place + away, lanes)
                corner += op.sw * pixel
                out += pixel


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
