"""Dense layers, forward and backward, for the images of one block."""

from __future__ import annotations

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.tile import RELU, STORE, product
from tenfold.backend.cpu.views import operation


@linked
def dense(op_at: int, m: int, x: int, weight: int, bias: int, y: int) -> None:
    """``y (m, c_out) = x (m, c_in) @ weight (c_in, c_out) + bias``; all addresses."""
    op = operation(op_at)
    c_in, c_out = op.x_size, op.y_size
    finish = RELU if op.activation == opcodes.RELU else STORE
    product(m, c_out, x, c_in, 1, 0, 1, c_in, weight, c_out, 0, y, c_out, bias, finish)


@linked
def dense_input_gradient(op_at: int, m: int, dy: int, transposed: int, dx: int) -> None:
    """``dx (m, c_in) = dy (m, c_out) @ weight.T (c_out, c_in)``."""
    op = operation(op_at)
    c_in, c_out = op.x_size, op.y_size
    product(m, c_in, dy, c_out, 1, 0, 1, c_out, transposed, c_in, 0, dx, c_in, 0, STORE)


@kernel
def dense_weight_gradient(
    n: int, row: int, rows: int, c_in: int, c_out: int, x: int, dy: int, into: int
) -> None:
    """Rows of ``dweight = x.T @ dy`` over the whole minibatch of n images."""
    product(rows, c_out, x + 4 * row, 1, c_in, 0, 1, n, dy, c_out, 0, into, c_out, 0, STORE)
