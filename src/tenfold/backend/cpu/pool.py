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
def _cut(start: int, size: int, side: int) -> tuple[int, int]:
    """The rows, or columns, of a window that lie in the image: from the first to before the second."""
    return max(0, -start), min(size, side - start)


@kernel
def _largest(corner: int, row: int, pixel: int, rows: Any, columns: Any, lanes: int) -> Any:
    """The largest number of the part of a window in the image."""
    largest = load(corner + rows[0] * row + columns[0] * pixel, lanes)
    for i in range(rows[0], rows[1]):
        for j in range(columns[0], columns[1]):
            largest = maximum(load(corner + i * row + j * pixel, lanes), largest)
    return largest


@kernel
def _share(place: int, away: int, largest: Any, rest: Any, lanes: int) -> Any:
    """Write what one place of a window gets, ``away`` bytes further; return what is left for the others."""
    here = load(place, lanes)
    store(where_equal(here, largest, rest, zeros()), place + away, lanes)
    return where_equal(here, largest, zeros(), rest)


@kernel
def _one_in(rows: Any, columns: Any) -> Any:
    """1 / (pixels of the part of a window in the image), in all lanes."""
    return splat(np.float32(1 / ((rows[1] - rows[0]) * (columns[1] - columns[0]))))


@linked
def max_pool(op_at: int, x: int, y: int) -> None:
    """``y (oh, ow, c)``: the largest number of each window of x (h, w, c)."""
    op = operation(op_at)
    row, pixel = 4 * op.w * op.c, 4 * op.c
    for channel in range(0, op.c, LANES):
        lanes = min(LANES, op.c - channel)
        for a in range(op.oh):
            above = a * op.sh - op.top
            rows = _cut(above, op.kh, op.h)
            corner, out = x + above * row - op.left * pixel + 4 * channel, y + a * op.ow * pixel + 4 * channel
            for b in range(op.ow):
                columns = _cut(b * op.sw - op.left, op.kw, op.w)
                if rows == (0, 2) and columns == (0, 2):
                    first = maximum(load(corner, lanes), load(corner + pixel, lanes))
                    second = maximum(load(corner + row, lanes), load(corner + row + pixel, lanes))
                    store(maximum(first, second), out, lanes)
                else:
                    store(_largest(corner, row, pixel, rows, columns, lanes), out, lanes)
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
    exact = op.top == 0 and op.left == 0 and op.kh == op.sh and op.kw == op.sw
    exact = exact and op.oh * op.sh == op.h and op.ow * op.sw == op.w
    if not exact:  # windows overlap, or leave something uncovered
        clear(dx, op.h * op.w * op.c)
    away, nothing = dx - x, zeros()
    for channel in range(0, op.c, LANES):
        lanes = min(LANES, op.c - channel)
        for a in range(op.oh):
            above = a * op.sh - op.top
            rows = _cut(above, op.kh, op.h)
            corner, out = x + above * row - op.left * pixel + 4 * channel, a * op.ow * pixel + 4 * channel
            for b in range(op.ow):
                columns = _cut(b * op.sw - op.left, op.kw, op.w)
                largest, rest = load(y + out, lanes), load(dy + out, lanes)
                if op.relu_after:
                    rest = where_positive(largest, rest, nothing)
                if exact and op.kh == 2 and op.kw == 2:
                    rest = _share(corner, away, largest, rest, lanes)
                    rest = _share(corner + pixel, away, largest, rest, lanes)
                    rest = _share(corner + row, away, largest, rest, lanes)
                    _share(corner + row + pixel, away, largest, rest, lanes)
                else:
                    for i in range(rows[0], rows[1]):
                        for j in range(columns[0], columns[1]):
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
    for a in range(op.oh):
        rows = _cut(a * op.sh - op.top, op.kh, op.h)
        for b in range(op.ow):
            columns = _cut(b * op.sw - op.left, op.kw, op.w)
            corner = x + (a * op.sh - op.top) * row + (b * op.sw - op.left) * pixel
            out, scale = y + (a * op.ow + b) * pixel, _one_in(rows, columns)
            for channel in range(0, op.c, LANES):
                lanes = min(LANES, op.c - channel)
                total = zeros()
                for i in range(rows[0], rows[1]):
                    for j in range(columns[0], columns[1]):
                        total = add(total, load(corner + i * row + j * pixel + 4 * channel, lanes))
                store(multiply(total, scale), out + 4 * channel, lanes)


@linked
def avg_pool_gradient(op_at: int, dy: int, dx: int) -> None:
    """Give each place of a window its equal share of dy."""
    op = operation(op_at)
    row, pixel = 4 * op.w * op.c, 4 * op.c
    clear(dx, op.h * op.w * op.c)
    for a in range(op.oh):
        rows = _cut(a * op.sh - op.top, op.kh, op.h)
        for b in range(op.ow):
            columns = _cut(b * op.sw - op.left, op.kw, op.w)
            corner = dx + (a * op.sh - op.top) * row + (b * op.sw - op.left) * pixel
            out, scale = dy + (a * op.ow + b) * pixel, _one_in(rows, columns)
            for channel in range(0, op.c, LANES):
                lanes = min(LANES, op.c - channel)
                share = multiply(load(out + 4 * channel, lanes), scale)
                for i in range(rows[0], rows[1]):
                    for j in range(columns[0], columns[1]):
                        place = corner + i * row + j * pixel + 4 * channel
                        store(add(share, load(place, lanes)), place, lanes)
