"""Dense layers, forward and backward, for the images of one block.

A layer whose input is an image leaves out what is zero (`sparse`). A weight that is NaN or infinite
must have its effect even where the pixel is 0: what follows from such a layer's weight is a
number for each of its rows, 0 or, where the row is not finite, NaN. As long as one of them is NaN,
nothing is left out. Gradients need no such care: one that is not finite reaches the bias in any case.
"""

from __future__ import annotations

import numpy as np

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.lanewise import add, multiply, nonzero
from tenfold.backend.cpu.sparse import sparse_product
from tenfold.backend.cpu.tile import ACCUMULATE, MAX_VECTORS, RELU, STORE, product
from tenfold.backend.cpu.transposition import transpose
from tenfold.backend.cpu.vector import LANES, load, zeros
from tenfold.backend.cpu.views import floats, operation

PANEL = MAX_VECTORS * LANES  # columns of a transposed weight that lie together
IMAGES = 512  # whose part of a weight gradient is summed at a time


@kernel
def _finite(at: int, size: int) -> bool:
    """Whether no number is NaN or infinite: 0 times it is 0. Four sums run side by side."""
    s0, s1, s2, s3 = zeros(), zeros(), zeros(), zeros()
    for i in range(0, size - 4 * LANES + 1, 4 * LANES):
        s0 = add(s0, multiply(zeros(), load(at + 4 * i, LANES)))
        s1 = add(s1, multiply(zeros(), load(at + 4 * (i + LANES), LANES)))
        s2 = add(s2, multiply(zeros(), load(at + 4 * (i + 2 * LANES), LANES)))
        s3 = add(s3, multiply(zeros(), load(at + 4 * (i + 3 * LANES), LANES)))
    for i in range(size // (4 * LANES) * 4 * LANES, size, LANES):
        s0 = add(s0, multiply(zeros(), load(at + 4 * i, min(LANES, size - i))))
    return nonzero(add(add(s0, s1), add(s2, s3))) == 0


@kernel
def note_finite(weight: int, notes: int, row: int, rows: int, columns: int) -> None:
    """Note for rows of a weight whether they are finite: 0 if all of them are, otherwise NaN."""
    finite = _finite(weight + 4 * row * columns, rows * columns)
    floats(notes + 4 * row, rows)[:] = np.float32(0 if finite else np.nan)


@linked
def dense(op_at: int, m: int, x: int, weight: int, bias: int, notes: int, y: int, scratch: int) -> None:
    """``y (m, c_out) = x (m, c_in) @ weight (c_in, c_out) + bias``; all addresses."""
    op = operation(op_at)
    c_in, c_out = op.x_size, op.y_size
    finish = RELU if op.activation == opcodes.RELU else STORE
    if op.method == opcodes.SPARSE and _finite(notes, c_in):
        sparse_product(m, c_out, c_in, x, c_in, 1, weight, y, bias, finish, scratch)
    else:
        product(m, c_out, x, c_in, 1, 0, 1, c_in, weight, c_out, 0, y, c_out, bias, finish)


@kernel
def transpose_panels(weight: int, panels: int, row: int, rows: int, c_out: int) -> None:
    """Copy rows of a weight to its transpose (c_out, c_in), which lies in panels of PANEL columns.

    In one piece, the rows of a transpose would lie so far apart that each is written to a memory page
    of its own; a panel fits into the first-level cache.
    """
    end = row + rows
    while row < end:
        panel, place = row // PANEL, row % PANEL
        count = min(PANEL - place, end - row)
        into = panels + 4 * (panel * c_out * PANEL + place)
        transpose(weight + 4 * row * c_out, c_out, count, c_out, into, PANEL)
        row += count


@linked
def dense_input_gradient(op_at: int, m: int, dy: int, panels: int, dx: int) -> None:
    """``dx (m, c_in) = dy (m, c_out) @ weight.T (c_out, c_in)``."""
    op = operation(op_at)
    c_in, c_out = op.x_size, op.y_size
    for column in range(0, c_in, PANEL):
        columns = min(PANEL, c_in - column)
        panel = panels + 4 * column * c_out
        product(m, columns, dy, c_out, 1, 0, 1, c_out, panel, PANEL, 0, dx + 4 * column, c_in, 0, STORE)


@kernel
def dense_weight_gradient(
    n: int, rows: int, c_in: int, c_out: int, x: int, dy: int, into: int, scratch: int, sparse: bool
) -> None:
    """Some rows of ``dweight = x.T @ dy`` over the whole minibatch of n images; x at the first of them."""
    for first in range(0, n, IMAGES):
        images, finish = min(IMAGES, n - first), STORE if first == 0 else ACCUMULATE
        a, b = x + 4 * first * c_in, dy + 4 * first * c_out
        if sparse:
            sparse_product(rows, c_out, images, a, 1, c_in, b, into, 0, finish, scratch)
        else:
            product(rows, c_out, a, 1, c_in, 0, 1, images, b, c_out, 0, into, c_out, 0, finish)
