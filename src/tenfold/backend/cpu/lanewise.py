"""What is computed lane by lane, for use inside compiled functions."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tenfold.backend.cpu.vector import FLOAT, INT, INTS, LANES, VECTOR, ZEROS, spread, vector


def _instruction(name: str) -> Any:
    @intrinsic
    def of_two(typing: Any, a: Any, b: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, name)(*args)

        return vector(vector, vector), emit

    return of_two


add = _instruction("fadd")
subtract = _instruction("fsub")
multiply = _instruction("fmul")


@intrinsic
def splat(typing: Any, number: Any) -> Any:
    """A float32 in every lane."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return spread(builder, args[0])

    return vector(types.float32), emit


@intrinsic
def count_from(typing: Any, first: Any) -> Any:
    """``first``, ``first + 1``, ... in the lanes."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        steps = ir.Constant(VECTOR, [float(i) for i in range(LANES)])
        return builder.fadd(spread(builder, builder.sitofp(args[0], FLOAT)), steps)

    return vector(types.int64), emit


@intrinsic
def maximum(typing: Any, a: Any, b: Any) -> Any:
    """The larger of the two; NaN where either is NaN."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, b = args
        larger = builder.select(builder.fcmp_ordered(">", a, b), a, b)  # b where either is NaN
        return builder.select(builder.fcmp_unordered("uno", a, a), a, larger)

    return vector(vector, vector), emit


@intrinsic
def within(typing: Any, a: Any, most: Any) -> Any:
    """``a``, but not below 0 nor above ``most``; 0 where it is NaN."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, most = args
        positive = builder.select(builder.fcmp_ordered(">", a, ZEROS), a, ZEROS)
        return builder.select(builder.fcmp_ordered("<", positive, most), positive, most)

    return vector(vector, vector), emit


@intrinsic
def whole(typing: Any, a: Any) -> Any:
    """Non-negative floats truncated towards zero."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.sitofp(builder.fptosi(args[0], INTS), VECTOR)

    return vector(vector), emit


@intrinsic
def where_equal(typing: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
    """``yes`` where a equals b, otherwise ``no``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, b, yes, no = args
        return builder.select(builder.fcmp_ordered("==", a, b), yes, no)

    return vector(vector, vector, vector, vector), emit


@intrinsic
def where_positive(typing: Any, a: Any, yes: Any, no: Any) -> Any:
    """``yes`` where a is above zero, otherwise ``no``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, yes, no = args
        return builder.select(builder.fcmp_ordered(">", a, ZEROS), yes, no)

    return vector(vector, vector, vector), emit


@intrinsic
def nonzero(typing: Any, a: Any) -> Any:
    """One bit for each lane, the first one lowest: whether it is not 0. NaN is not."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lit = builder.fcmp_unordered("!=", args[0], ZEROS)
        return builder.zext(builder.bitcast(lit, ir.IntType(LANES)), INT)

    return types.int64(vector), emit
