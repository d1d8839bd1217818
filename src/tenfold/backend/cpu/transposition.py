"""A matrix transposed, a square of registers at a time."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tenfold.backend.cpu.compilation import linked
from tenfold.backend.cpu.vector import INT, INTS, LANES, MASK, lane_mask, masked_load, masked_store


def _interleaved(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, half: int) -> ir.Value:
    """``a0 b0 a1 b1 ...`` of the lower or the upper half of two registers."""
    lanes = [lane for i in range(LANES // 2) for lane in (half + i, LANES + half + i)]
    return builder.shuffle_vector(a, b, ir.Constant(INTS, lanes))


@intrinsic
def _square(typing: Any, source: Any, step: Any, rows: Any, columns: Any, target: Any, far: Any) -> Any:
    """Transpose up to LANES x LANES numbers; the steps between rows in bytes.

    Dealing two halves of the rows out in turn, as cards are shuffled, moves the highest bit of a
    number's place (row, column) to the lowest. As many times as a register's width has bits, and
    row and column have changed places.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, step, rows, columns, target, far = args
        inside, outside = lane_mask(builder, columns), ir.Constant(MASK, [0] * LANES)
        x = []
        for i in range(LANES):
            there = builder.icmp_signed("<", ir.Constant(INT, i), rows)
            address = builder.add(source, builder.mul(step, ir.Constant(INT, i)))
            x.append(masked_load(builder, address, builder.select(there, inside, outside)))
        for _ in range(LANES.bit_length() - 1):
            pairs = list(zip(x[: LANES // 2], x[LANES // 2 :], strict=True))
            x = [_interleaved(builder, a, b, half) for a, b in pairs for half in (0, LANES // 2)]
        inside = lane_mask(builder, rows)
        for i in range(LANES):
            there = builder.icmp_signed("<", ir.Constant(INT, i), columns)
            address = builder.add(target, builder.mul(far, ir.Constant(INT, i)))
            masked_store(builder, x[i], address, builder.select(there, inside, outside))
        return context.get_dummy_value()

    return types.void(*[types.int64] * 6), emit


@linked
def transpose(source: int, row: int, rows: int, columns: int, target: int, column: int) -> None:
    """Copy a matrix (rows, columns) to its transpose (columns, rows).

    ``row`` is the step from one row of the source to the next, ``column`` that of the target, in floats.
    """
    for i in range(0, rows, LANES):
        for j in range(0, columns, LANES):
            _square(
                source + 4 * (i * row + j), 4 * row, min(LANES, rows - i), min(LANES, columns - j),
                target + 4 * (j * column + i), 4 * column,
            )  # fmt: skip
