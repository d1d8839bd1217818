"""Convolutions with five times fewer multiplications: through the values of polynomials.

``Y = A^T ((G g G^T) * (B^T d B)) A`` (`toom_cook`), where d is a tile of 8 x 8 pixels, Y the tile of
outputs that it gives, and ``*`` multiplies point by point. Over channels, the product at each of the
64 points is a matrix product: (tiles, c) times (c, oc).

The backward pass transposes each factor:

    dg = G^T (sum over tiles of (B^T d B) * (A dY A^T)) G
    dd = B ((G g G^T) * (A dY A^T)) B^T, overlapping tiles added up

What belongs to the kernel alone is done once a step, together with the optimiser (`update`): the values
G g G^T, twice, channels first and outputs first; and G^T ... G of the gradient.
"""

from __future__ import annotations

from tenfold.backend.cpu.compilation import linked
from tenfold.backend.cpu.conv import add_columns
from tenfold.backend.cpu.tile import ACCUMULATE, STORE, product
from tenfold.backend.cpu.views import operation
from tenfold.backend.cpu.winograd_tiles import (
    ALL,
    between,
    input_gradients,
    input_values,
    lit_windows,
    output_gradient_values,
    outputs,
)


@linked
def winograd(op_at: int, count: int, x: int, values: int, bias: int, y: int, scratch: int) -> None:
    """Convolve images, some at a time, with a kernel that is given by its values (64, c, oc)."""
    op = operation(op_at)
    c, oc = op.c, op.oc
    kernel_step = between(c, oc)
    for first in range(0, count, op.group):
        images = min(op.group, count - first)
        tiles = images * op.down * op.across
        step, out_step = between(tiles, c), between(tiles, oc)
        out = scratch + 4 * ALL * step
        input_values(op_at, x + 4 * first * op.x_size, images, scratch)
        for p in range(ALL):
            product(
                tiles, oc, scratch + 4 * p * step, c, 1, 0, 1, c, values + 4 * p * kernel_step, oc, 0,
                out + 4 * p * out_step, oc, 0, STORE,
            )  # fmt: skip
        lit = out + 4 * ALL * out_step
        lit_windows(op_at, x + 4 * first * op.x_size, images, lit)
        outputs(op_at, out, images, bias, lit, y + 4 * first * op.y_size)


@linked
def winograd_gradient(
    op_at: int, count: int, x: int, dy: int, values: int, dvalues: int, dbias: int, dx: int, scratch: int
) -> None:
    """Add to the gradients of the kernel's values (64, c, oc) and of the bias, and set dx.

    ``values`` are the kernel's with its channels last, (64, oc, c).
    """
    op = operation(op_at)
    c, oc = op.c, op.oc
    kernel_step = between(c, oc)
    for first in range(0, count, op.group):
        images = min(op.group, count - first)
        tiles = images * op.down * op.across
        step, out_step = between(tiles, c), between(tiles, oc)
        out = scratch + 4 * ALL * step
        dy_at = dy + 4 * first * op.y_size
        input_values(op_at, x + 4 * first * op.x_size, images, scratch)
        output_gradient_values(op_at, dy_at, images, out)
        add_columns(dy_at, images * op.oh * op.ow, oc, dbias)
        for p in range(ALL):
            product(
                c, oc, scratch + 4 * p * step, 1, c, 0, 1, tiles, out + 4 * p * out_step, oc, 0,
                dvalues + 4 * p * kernel_step, oc, 0, ACCUMULATE,
            )  # fmt: skip
        if not op.has_dx:
            continue
        for p in range(ALL):
            product(
                tiles, c, out + 4 * p * out_step, oc, 1, 0, 1, oc, values + 4 * p * kernel_step, c, 0,
                scratch + 4 * p * step, c, 0, STORE,
            )  # fmt: skip
        input_gradients(op_at, scratch, images, dx + 4 * first * op.x_size)
