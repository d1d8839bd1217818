"""A small constant matrix times registers, and the same on both sides of a square of registers.

The matrix is known when the engine is compiled, so that it becomes straight-line code of its own:
zeros cost nothing, ones are added, and rows or columns that differ only in signs, as those of the
points p and -p do, share their work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.toom_cook import Matrix, transposed
from tenfold.backend.cpu.vector import (
    FLOAT,
    INT,
    LANES,
    REGISTER,
    VECTOR,
    ZEROS,
    lane_mask,
    masked_load,
    masked_store,
    registers,
)

_CONTRACT = ("contract",)


def _signs_differ(a: Any, b: Any) -> bool:
    """Whether two rows agree in some numbers, are opposite in the others, and there are some of both."""
    both = [(x, y) for x, y in zip(a, b, strict=True) if x or y]
    agree = sum(x == y for x, y in both)
    return 0 < agree < len(both) and all(x in (y, -y) for x, y in both)


def _pairs(rows: Matrix) -> list[tuple[int, int]]:
    """Rows, each in one pair at most, that differ only in signs."""
    pairs: list[tuple[int, int]] = []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            taken = {place for pair in pairs for place in pair}
            if not {i, j} & taken and _signs_differ(rows[i], rows[j]):
                pairs.append((i, j))
    return pairs


def _combination(builder: ir.IRBuilder, terms: list[tuple[Any, ir.Value]]) -> ir.Value:
    """The sum of factors times registers."""
    total = None
    for factor, value in sorted((t for t in terms if t[0]), key=lambda t: abs(t[0]) == 1, reverse=True):
        if abs(factor) == 1:
            if total is None:
                total = value if factor == 1 else builder.fneg(value)
            else:
                total = (builder.fadd if factor == 1 else builder.fsub)(total, value)
            continue
        wide = ir.Constant(VECTOR, [ir.Constant(FLOAT, float(factor))] * LANES)
        product = builder.fmul(wide, value, flags=_CONTRACT)
        total = product if total is None else builder.fadd(total, product, flags=_CONTRACT)
    return ZEROS if total is None else total


def _multiplied(builder: ir.IRBuilder, matrix: Matrix, x: list[ir.Value]) -> list[ir.Value]:
    """Matrix times x."""
    pairs = _pairs(transposed(matrix))
    if pairs:  # of columns: their numbers are added and subtracted first
        return _by_columns(builder, matrix, x, pairs)
    y: list[Any] = [None] * len(matrix)
    for i, j in _pairs(matrix):
        agree = [(a, v) for a, b, v in zip(matrix[i], matrix[j], x, strict=True) if a == b]
        opposite = [(a, v) for a, b, v in zip(matrix[i], matrix[j], x, strict=True) if a != b]
        even, odd = _combination(builder, agree), _combination(builder, opposite)
        y[i], y[j] = builder.fadd(even, odd), builder.fsub(even, odd)
    for i, row in enumerate(matrix):
        if y[i] is None:
            y[i] = _combination(builder, list(zip(row, x, strict=True)))
    return y


def _by_columns(
    builder: ir.IRBuilder, matrix: Matrix, x: list[ir.Value], pairs: list[tuple[int, int]]
) -> list[ir.Value]:
    """Matrix times x, where pairs of columns differ only in signs."""
    paired = {place for pair in pairs for place in pair}
    sums = {(i, j): builder.fadd(x[i], x[j]) for i, j in pairs}
    differences = {(i, j): builder.fsub(x[i], x[j]) for i, j in pairs}
    y = []
    for row in matrix:
        terms = [(row[i], v) for i, v in enumerate(x) if i not in paired]
        terms += [(row[i], (sums if row[i] == row[j] else differences)[i, j]) for i, j in pairs]
        y.append(_combination(builder, terms))
    return y


def one_sided(matrix: Matrix) -> Any:
    """Return ``apply(source, step, lanes, target, step, lanes)``: matrix times a column of registers.

    Addresses and steps in bytes. Only so many lanes of each register are read and written.
    """

    @intrinsic
    def apply(
        typing: Any, source: Any, source_step: Any, source_lanes: Any, target: Any, target_step: Any,
        target_lanes: Any,
    ) -> Any:  # fmt: skip
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            source, source_step, source_lanes, target, target_step, target_lanes = args
            mask = lane_mask(builder, source_lanes)
            x = [
                masked_load(builder, builder.add(source, builder.mul(source_step, ir.Constant(INT, i))), mask)
                for i in range(len(matrix[0]))
            ]
            mask = lane_mask(builder, target_lanes)
            for i, value in enumerate(_multiplied(builder, matrix, x)):
                address = builder.add(target, builder.mul(target_step, ir.Constant(INT, i)))
                masked_store(builder, value, address, mask)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 6), emit

    return apply


def two_sided(matrix: Matrix) -> Callable[..., None]:
    """Return ``transform``: ``target = matrix @ source @ matrix.T`` for a square of registers.

    ``transform(source, row, column, lanes, target, row, column, lanes)``: addresses, and the steps
    between rows and between columns, in bytes.
    """
    apply = one_sided(matrix)
    rows, columns = len(matrix), len(matrix[0])
    room = registers(rows * columns)

    @kernel
    def transform(
        source: int, row: int, column: int, lanes: int, target: int, target_row: int, target_column: int,
        target_lanes: int,
    ) -> None:  # fmt: skip
        half = room()  # matrix @ source
        for j in range(columns):
            apply(source + j * column, row, lanes, half + j * REGISTER, columns * REGISTER, LANES)
        for i in range(rows):
            apply(
                half + i * columns * REGISTER, REGISTER, LANES,
                target + i * target_row, target_column, target_lanes,
            )  # fmt: skip

    return transform
