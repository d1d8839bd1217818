"""Vectors of float32 as wide as the processor's registers, for use inside compiled functions.

LLVM widens simple loops by itself, but not a loop over six channels. With these few operations the
kernels say what they mean: load some lanes, compare, choose (`lanewise`), store.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

from tenfold.backend.cpu.instruction_set import instruction_set

INT = ir.IntType(64)
INT32 = ir.IntType(32)
FLOAT = ir.FloatType()

_USED = instruction_set()
LANES, ACCUMULATORS = _USED.lanes, _USED.accumulators
REGISTER = 4 * LANES  # bytes
VECTOR = ir.VectorType(FLOAT, LANES)
INTS = ir.VectorType(INT32, LANES)
MASK = ir.VectorType(ir.IntType(1), LANES)
ZEROS = ir.Constant(VECTOR, [0.0] * LANES)


class VectorType(types.Type):
    """Numba's name for one register of float32."""

    def __init__(self) -> None:
        super().__init__(name=f"float32x{LANES}")


vector = VectorType()


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


def spread(builder: ir.IRBuilder, scalar: ir.Value, kind: ir.Type = FLOAT) -> ir.Value:
    """The scalar in every lane."""
    wide = ir.VectorType(kind, LANES)
    one = builder.insert_element(ir.Constant(wide, ir.Undefined), scalar, ir.Constant(INT32, 0))
    order = ir.Constant(INTS, [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(wide, ir.Undefined), order)


def pointer(builder: ir.IRBuilder, address: ir.Value, kind: ir.Type = VECTOR) -> ir.Value:
    """The address as a pointer."""
    return builder.inttoptr(address, kind.as_pointer())


def lane_mask(builder: ir.IRBuilder, lanes: ir.Value) -> ir.Value:
    """True in the first ``lanes`` lanes."""
    counts = ir.Constant(INTS, list(range(LANES)))
    return builder.icmp_signed("<", counts, spread(builder, builder.trunc(lanes, INT32), INT32))


def masked_load(builder: ir.IRBuilder, address: ir.Value, mask: ir.Value) -> ir.Value:
    """Load the lanes of the mask, zero in the others."""
    kind = ir.FunctionType(VECTOR, [VECTOR.as_pointer(), INT32, MASK, VECTOR])
    load = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.load.v{LANES}f32.p0")
    return builder.call(load, [pointer(builder, address), ir.Constant(INT32, 4), mask, ZEROS])


def masked_store(builder: ir.IRBuilder, value: ir.Value, address: ir.Value, mask: ir.Value) -> None:
    """Store the lanes of the mask and touch nothing else."""
    kind = ir.FunctionType(ir.VoidType(), [VECTOR, VECTOR.as_pointer(), INT32, MASK])
    store = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.store.v{LANES}f32.p0")
    builder.call(store, [value, pointer(builder, address), ir.Constant(INT32, 4), mask])


@intrinsic
def load(typing: Any, address: Any, lanes: Any) -> Any:
    """Load ``lanes`` floats from an address; the other lanes are zero."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return masked_load(builder, args[0], lane_mask(builder, args[1]))

    return vector(types.int64, types.int64), emit


@intrinsic
def store(typing: Any, value: Any, address: Any, lanes: Any) -> Any:
    """Store the first ``lanes`` lanes at an address."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        masked_store(builder, args[0], args[1], lane_mask(builder, args[2]))
        return context.get_dummy_value()

    return types.void(vector, types.int64, types.int64), emit


@intrinsic
def zeros(typing: Any) -> Any:
    """Zero in every lane."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ZEROS

    return vector(), emit


@intrinsic
def load_pixels(typing: Any, address: Any) -> Any:
    """A register of bytes 0-255 as float32 0-1, with the same bits as a division by 255.

    A division takes three times as long as ``x * high + x * low`` with 1 / 255 in two parts, which is
    exact enough because the first product is not rounded before it is added.
    """
    high = float(np.float32(1 / 255))
    low = float(np.float32(1 / 255 - high))

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.VectorType(ir.IntType(8), LANES)
        x = builder.uitofp(builder.load(pointer(builder, args[0], kind), align=1), VECTOR)
        if not _USED.fused:
            return builder.fdiv(x, ir.Constant(VECTOR, [255.0] * LANES))
        signature = ir.FunctionType(VECTOR, [VECTOR] * 3)
        fused = cgutils.get_or_insert_function(builder.module, signature, f"llvm.fma.v{LANES}f32")
        rest = builder.fmul(x, ir.Constant(VECTOR, [low] * LANES))
        return builder.call(fused, [x, ir.Constant(VECTOR, [high] * LANES), rest])

    return vector(types.int64), emit


def registers(count: int) -> Any:
    """Return an intrinsic that gives the address of room for so many registers on the stack."""

    @intrinsic
    def room(typing: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = cgutils.alloca_once(builder, VECTOR, size=count)
            place.align = REGISTER
            return builder.ptrtoint(place, INT)

        return types.int64(), emit

    return room
