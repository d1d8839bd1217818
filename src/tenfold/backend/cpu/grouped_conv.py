"""Convolutions in groups, forward and backward, for one image; all places are addresses.

An output channel sees ``m`` input channels, those of its group. The input is copied m times, each time with
as many channels as there are outputs: what each output sees as its first channel, its second, and so on.
Then every output channel is computed by itself, whole registers of channels at a time; in a depthwise
convolution m is 1.
"""

from __future__ import annotations

from typing import Any

from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.conv import add_columns
from tenfold.backend.cpu.lanewise import add, multiply
from tenfold.backend.cpu.memory import clear, copy
from tenfold.backend.cpu.vector import LANES, load, store, zeros
from tenfold.backend.cpu.views import floats, operation


@kernel
def _expanded(op: Any, x: int, m: int, into: int) -> None:
    """Write the m-th channel that each output sees, (hp, wp, oc), with the margin of zeros."""
    each_in, each_out = op.c // op.groups, op.oc // op.groups
    clear(into, op.hp * op.wp * op.oc)
    for i in range(op.h):
        for j in range(op.w):
            source = x + 4 * (i * op.w + j) * op.c
            target = into + 4 * ((i + op.top) * op.wp + j + op.left) * op.oc
            if each_in == 1 and each_out == 1:
                copy(source, target, op.c)
                continue
            pixel, seen = floats(source, op.c), floats(target, op.oc)
            for group in range(op.groups):
                for o in range(each_out):
                    seen[group * each_out + o] = pixel[group * each_in + m]


@kernel
def _contracted(op: Any, dseen: int, m: int, dx: int) -> None:
    """Write the gradient of the m-th channel of each group: the sum over the outputs that see it."""
    each_in, each_out = op.c // op.groups, op.oc // op.groups
    for i in range(op.h):
        for j in range(op.w):
            source = dseen + 4 * ((i + op.top) * op.wp + j + op.left) * op.oc
            seen, pixel = floats(source, op.oc), floats(dx + 4 * (i * op.w + j) * op.c, op.c)
            for group in range(op.groups):
                total = seen[group * each_out]
                for o in range(1, each_out):
                    total += seen[group * each_out + o]
                pixel[group * each_in + m] = total


@kernel
def _taps(op: Any, weight: int, m: int, i: int, j: int) -> int:
    """Address of what the outputs multiply the m-th channel with at (i, j) of the kernel."""
    return weight + 4 * ((i * op.kw + j) * (op.c // op.groups) + m) * op.oc


@kernel
def _corner(op: Any, seen: int, a: int, b: int) -> int:
    """Address of the upper left pixel of the window of the output (a, b)."""
    return seen + 4 * (a * op.sh * op.wp + b * op.sw) * op.oc


@linked
def grouped_conv(op_at: int, x: int, weight: int, bias: int, y: int, scratch: int) -> None:
    """``y (oh, ow, oc)``: for each output channel, the sum over the window and the channels of its group."""
    op = operation(op_at)
    row, pixel = 4 * op.wp * op.oc, 4 * op.oc
    for at in range(op.oh * op.ow):
        copy(bias, y + pixel * at, op.oc)
    for m in range(op.c // op.groups):
        _expanded(op, x, m, scratch)
        taps = _taps(op, weight, m, 0, 0)
        step = _taps(op, weight, m, 0, 1) - taps
        for a in range(op.oh):
            for b in range(op.ow):
                corner, out = _corner(op, scratch, a, b), y + pixel * (a * op.ow + b)
                for channel in range(0, op.oc, LANES):
                    lanes, at = min(LANES, op.oc - channel), 4 * channel
                    total = load(out + at, lanes)
                    for i in range(op.kh):
                        for j in range(op.kw):
                            seen = load(corner + i * row + j * pixel + at, lanes)
                            total = add(
                                total, multiply(seen, load(taps + (i * op.kw + j) * step + at, lanes))
                            )
                    store(total, out + at, lanes)


@kernel
def _tap_gradient(op: Any, seen: int, dy: int, into: int, i: int, j: int) -> None:
    """Add the sum over all windows of ``seen * dy``, at (i, j) of the kernel."""
    pixel = 4 * op.oc
    shifted = seen + (i * op.wp + j) * pixel
    for channel in range(0, op.oc, LANES):
        lanes, at = min(LANES, op.oc - channel), 4 * channel
        total = zeros()
        for a in range(op.oh):
            for b in range(op.ow):
                here = load(_corner(op, shifted, a, b) + at, lanes)
                total = add(total, multiply(here, load(dy + pixel * (a * op.ow + b) + at, lanes)))
        store(add(load(into + at, lanes), total), into + at, lanes)


@kernel
def _scatter(op: Any, dy: int, taps: int, into: int) -> None:
    """Add ``dy * weight`` where the inputs of all windows lay, for one place of the kernel."""
    pixel = 4 * op.oc
    for channel in range(0, op.oc, LANES):
        lanes, at = min(LANES, op.oc - channel), 4 * channel
        weight = load(taps + at, lanes)
        for a in range(op.oh):
            for b in range(op.ow):
                target = _corner(op, into, a, b) + at
                share = multiply(load(dy + pixel * (a * op.ow + b) + at, lanes), weight)
                store(add(load(target, lanes), share), target, lanes)


@linked
def grouped_conv_gradient(
    op_at: int, x: int, dy: int, weight: int, dx: int, dweight: int, dbias: int, scratch: int
) -> None:
    """Add to dweight and dbias, and write dx if it is needed."""
    op = operation(op_at)
    pixel = 4 * op.oc
    dseen = scratch + 4 * op.hp * op.wp * op.oc
    for m in range(op.c // op.groups):
        _expanded(op, x, m, scratch)
        for i in range(op.kh):
            for j in range(op.kw):
                _tap_gradient(op, scratch, dy, _taps(op, dweight, m, i, j), i, j)
        if op.has_dx:
            clear(dseen, op.hp * op.wp * op.oc)
            for i in range(op.kh):
                for j in range(op.kw):
                    _scatter(op, dy, _taps(op, weight, m, i, j), dseen + i * pixel * op.wp + j * pixel)
            _contracted(op, dseen, m, dx)
    add_columns(dy, op.oh * op.ow, op.oc, dbias)
