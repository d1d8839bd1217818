"""Convolutions, forward and backward, for one image; all places are addresses.

Each is a product whose left side is read where it lies. In an (h, w, c) image, a row of a window is
``kw * c`` neighbouring numbers, and the window to the right begins ``stride * c`` further: the
image *is* the matrix of its windows, with overlapping rows. What must be copied is a margin of
zeros, so that no window hangs over the edge.

Two cases are better served by copies. Where a window row is short (an image of one channel), the
windows are laid out as a matrix, transposed so that copying goes by whole image rows (`PATCHES`).
And where the input has few channels, its gradient would leave most of each register empty: then the
gradients of the windows are computed, with all their ``kh * kw * c`` numbers side by side, and
added to where the windows lay (`SCATTERED`).
"""

from __future__ import annotations

from typing import Any

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.lanewise import add
from tenfold.backend.cpu.memory import add_to, clear, copy
from tenfold.backend.cpu.tile import ACCUMULATE, RELU, STORE, product
from tenfold.backend.cpu.vector import LANES, load, store, zeros
from tenfold.backend.cpu.views import operation


@kernel
def _with_margin(op: Any, x: int, scratch: int) -> int:
    """Address of the image inside its margin of zeros, (hp, wp, c); without a margin, of the image."""
    row, wide = op.w * op.c, op.wp * op.c
    if op.hp == op.h and op.wp == op.w:
        return x
    clear(scratch, op.hp * wide)
    start = scratch + 4 * (op.top * wide + op.left * op.c)
    for i in range(op.h):
        copy(x + 4 * i * row, start + 4 * i * wide, row)
    return scratch


@kernel
def _patches(op: Any, x: int, into: int) -> None:
    """``(kh * kw * c, oh * ow)``: for each place in the window, what it sees at each of its positions."""
    step, row = op.sw * op.c, op.sh * op.wp * op.c
    for i in range(op.kh):
        for j in range(op.kw * op.c):
            start = x + 4 * (i * op.wp * op.c + j)
            for _ in range(op.oh):
                if step == 1:
                    copy(start, into, op.ow)
                else:
                    for b in range(op.ow):
                        copy(start + 4 * b * step, into + 4 * b, 1)
                into += 4 * op.ow
                start += 4 * row


@linked
def conv(op_at: int, x: int, weight: int, bias: int, y: int, scratch: int) -> None:
    """``y (oh, ow, oc) = windows (oh, ow, kh * kw * c) @ weight (kh * kw * c, oc) + bias``."""
    op = operation(op_at)
    kwc, oc = op.kw * op.c, op.oc
    finish = RELU if op.activation == opcodes.RELU else STORE
    x = _with_margin(op, x, scratch)
    if op.method == opcodes.PATCHES:
        n, k = op.oh * op.ow, op.kh * kwc
        matrix = scratch + 4 * op.hp * op.wp * op.c
        _patches(op, x, matrix)
        product(n, oc, matrix, 1, n, 0, 1, k, weight, oc, 0, y, oc, bias, finish)
        return
    for column in range(0, oc, op.columns):
        at, columns = 4 * column, min(op.columns, oc - column)
        for a in range(op.oh):
            product(
                op.ow, columns, x + 4 * a * op.sh * op.wp * op.c, op.sw * op.c, 1, op.wp * op.c, op.kh, kwc,
                weight + at, oc, kwc * oc, y + 4 * a * op.ow * oc + at, oc, bias + at, finish,
            )  # fmt: skip


@linked
def add_columns(a: int, rows: int, columns: int, into: int) -> None:
    """Add the sum over the rows of A (rows, columns) to a vector; four sums run side by side."""
    row = 4 * columns
    for column in range(0, columns, LANES):
        lanes = min(LANES, columns - column)
        s0, s1, s2, s3 = zeros(), zeros(), zeros(), zeros()
        at = a + 4 * column
        for _ in range(rows // 4):
            s0 = add(s0, load(at, lanes))
            s1 = add(s1, load(at + row, lanes))
            s2 = add(s2, load(at + 2 * row, lanes))
            s3 = add(s3, load(at + 3 * row, lanes))
            at += 4 * row
        for _ in range(rows % 4):
            s0 = add(s0, load(at, lanes))
            at += row
        total = add(add(s0, s1), add(s2, s3))
        store(add(load(into + 4 * column, lanes), total), into + 4 * column, lanes)


@linked
def conv_weight_gradient(op_at: int, x: int, dy: int, dweight: int, dbias: int, scratch: int) -> None:
    """Add ``windows.T @ dy`` to dweight and the sum of dy to dbias."""
    op = operation(op_at)
    kwc, oc = op.kw * op.c, op.oc
    x = _with_margin(op, x, scratch)
    if op.method == opcodes.PATCHES:
        n, k = op.oh * op.ow, op.kh * kwc
        matrix = scratch + 4 * op.hp * op.wp * op.c
        _patches(op, x, matrix)
        product(k, oc, matrix, n, 1, 0, 1, n, dy, oc, 0, dweight, oc, 0, ACCUMULATE)
    else:
        for i in range(op.kh):
            product(
                kwc, oc, x + 4 * i * op.wp * op.c, 1, op.sw * op.c, op.sh * op.wp * op.c, op.oh, op.ow,
                dy, oc, op.ow * oc, dweight + 4 * i * kwc * oc, oc, 0, ACCUMULATE,
            )  # fmt: skip
    add_columns(dy, op.oh * op.ow, oc, dbias)


@kernel
def taps_of_phase(size: int, stride: int, phase: int) -> int:
    """How many rows (columns) of a kernel fall on pixels of a phase: those with ``i % stride == phase``."""
    return (size - phase + stride - 1) // stride


@kernel
def _gathered(op: Any, dy: int, flipped: int, dx: int, scratch: int) -> None:
    """A convolution again: dy inside a margin of zeros, the kernel turned by 180 degrees.

    With a stride, pixels differ in which of the kernel's rows and columns they met. Those of one *phase*,
    ``(y + top) % stride`` and ``(x + left) % stride``, met the same ones, and from one of them to the next
    is a step of one output. So each phase is a convolution of its own, with a part of the kernel
    (`update.flipped_place`).
    """
    oc, c = op.oc, op.c
    above, before = (op.kh - 1) // op.sh, (op.kw - 1) // op.sw
    height = above + max(op.oh, (op.h - 1 + op.top) // op.sh + 1)
    width = before + max(op.ow, (op.w - 1 + op.left) // op.sw + 1)
    clear(scratch, height * width * oc)
    for a in range(op.oh):
        copy(dy + 4 * a * op.ow * oc, scratch + 4 * ((a + above) * width + before) * oc, op.ow * oc)
    if op.kh < op.sh or op.kw < op.sw:  # pixels that no window met
        clear(dx, op.h * op.w * c)
    for column in range(0, c, op.back_columns):
        at, columns = 4 * column, min(op.back_columns, c - column)
        for i in range(op.h):
            row, phase = (i + op.top) // op.sh, (i + op.top) % op.sh
            down = taps_of_phase(op.kh, op.sh, phase)
            kernels = flipped + at
            for earlier in range(phase):
                kernels += 4 * taps_of_phase(op.kh, op.sh, earlier) * op.kw * oc * c
            for side in range(op.sw):  # phases of columns
                across = taps_of_phase(op.kw, op.sw, side)
                first = (side - op.left) % op.sw  # the first pixel of this phase
                if down > 0 and across > 0 and first < op.w:
                    top, left = row + above - down + 1, (first + op.left) // op.sw + before - across + 1
                    product(
                        (op.w - first + op.sw - 1) // op.sw, columns, scratch + 4 * (top * width + left) * oc,
                        oc, 1, width * oc, down, across * oc, kernels, c, across * oc * c,
                        dx + 4 * (i * op.w + first) * c + at, op.sw * c, 0, STORE,
                    )  # fmt: skip
                kernels += 4 * down * across * oc * c


@kernel
def _scattered(op: Any, dy: int, transposed: int, dx: int, scratch: int) -> None:
    """``dwindows (ow, kh * kw * c) = dy (ow, oc) @ weight.T``, each added to where its window lay."""
    kwc, oc, wide = op.kw * op.c, op.oc, op.wp * op.c
    k = op.kh * kwc
    margin = op.hp != op.h or op.wp != op.w
    into = scratch if margin else dx
    clear(into, op.hp * wide)
    windows = scratch + 4 * op.hp * wide
    for first in range(0, op.oh, op.rows_per_pass):
        rows = min(op.rows_per_pass, op.oh - first)
        start = dy + 4 * first * op.ow * oc
        product(rows * op.ow, k, start, oc, 1, 0, 1, oc, transposed, k, 0, windows, k, 0, STORE)
        for a in range(rows):
            for b in range(op.ow):
                source = windows + 4 * (a * op.ow + b) * k
                target = into + 4 * ((first + a) * op.sh * wide + b * op.sw * op.c)
                for i in range(op.kh):
                    add_to(source + 4 * i * kwc, target + 4 * i * wide, kwc)
    if margin:
        row = op.w * op.c
        for i in range(op.h):
            copy(scratch + 4 * ((i + op.top) * wide + op.left * op.c), dx + 4 * i * row, row)


@linked
def conv_input_gradient(op_at: int, dy: int, derived: int, dx: int, scratch: int) -> None:
    """``dx``: what each input number gave to the outputs of all windows that it lay in."""
    op = operation(op_at)
    if op.input_method == opcodes.GATHERED:
        _gathered(op, dy, derived, dx, scratch)
    else:
        _scattered(op, dy, derived, dx, scratch)
