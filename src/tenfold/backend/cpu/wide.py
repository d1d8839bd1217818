"""Vectors of float64 with as many lanes as those of float32, for sums over very many numbers.

A sum of a million float32 numbers loses digits; in float64 it does not, and costs twice the registers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

from tenfold.backend.cpu.vector import INT32, LANES, MASK, VECTOR, lane_mask, pointer, vector

_WIDE = ir.VectorType(ir.DoubleType(), LANES)
_ZEROS = ir.Constant(_WIDE, [0.0] * LANES)


class WideType(types.Type):
    """Numba's name for LANES numbers of float64."""

    def __init__(self) -> None:
        super().__init__(name=f"float64x{LANES}")


wide = WideType()


@register_model(WideType)
class _WideModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _WIDE)


@intrinsic
def widen(typing: Any, value: Any) -> Any:
    """Float32 lanes as float64."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fpext(args[0], _WIDE)

    return wide(vector), emit


@intrinsic
def narrow(typing: Any, value: Any) -> Any:
    """Float64 lanes as float32."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fptrunc(args[0], VECTOR)

    return vector(wide), emit


def _instruction(name: str) -> Any:
    @intrinsic
    def of_two(typing: Any, a: Any, b: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, name)(*args)

        return wide(wide, wide), emit

    return of_two


add_wide = _instruction("fadd")
subtract_wide = _instruction("fsub")
multiply_wide = _instruction("fmul")


@intrinsic
def add_product(typing: Any, total: Any, a: Any, b: Any) -> Any:
    """Lane by lane, ``total + a * b``, rounded once where the processor can."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total, a, b = args
        contract = ("contract",)
        return builder.fadd(total, builder.fmul(a, b, flags=contract), flags=contract)

    return wide(wide, wide, wide), emit


@intrinsic
def load_wide(typing: Any, address: Any, lanes: Any) -> Any:
    """Load ``lanes`` numbers of float64 from an address; the other lanes are zero."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_WIDE, [_WIDE.as_pointer(), INT32, MASK, _WIDE])
        load = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.load.v{LANES}f64.p0")
        where = pointer(builder, args[0], _WIDE)
        return builder.call(load, [where, ir.Constant(INT32, 8), lane_mask(builder, args[1]), _ZEROS])

    return wide(types.int64, types.int64), emit


@intrinsic
def store_wide(typing: Any, value: Any, address: Any, lanes: Any) -> Any:
    """Store the first ``lanes`` lanes at an address."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [_WIDE, _WIDE.as_pointer(), INT32, MASK])
        store = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.store.v{LANES}f64.p0")
        where = pointer(builder, args[1], _WIDE)
        builder.call(store, [args[0], where, ir.Constant(INT32, 8), lane_mask(builder, args[2])])
        return context.get_dummy_value()

    return types.void(wide, types.int64, types.int64), emit
