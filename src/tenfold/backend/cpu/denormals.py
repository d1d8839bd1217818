"""Numbers too small to matter, which cost a hundred times as much as others.

Below 1e-38 a float32 has fewer and fewer digits left, and processors compute with such numbers in a
slow way. Adam makes them by the thousand: the mean of a gradient that has become 0 shrinks by a
tenth every step and never arrives. While the engine runs, its threads take them for 0.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_FLUSH = 0x8040  # of x86's MXCSR: results to zero (bit 15), operands as zero (bit 6)
_ON_X86 = platform.machine().lower() in ("x86_64", "amd64")
_INT32, _BYTE = ir.IntType(32), ir.IntType(8)


def _control(builder: Any, name: str, place: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [_BYTE.as_pointer()])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{name}")
    builder.call(function, [builder.bitcast(place, _BYTE.as_pointer())])


@intrinsic
def flush_denormals(typing: Any) -> Any:
    """Have this thread take them for 0 (on x86); return what `restore_denormals` needs."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if not _ON_X86:
            return ir.Constant(_INT32, 0)
        place = cgutils.alloca_once(builder, _INT32)
        _control(builder, "stmxcsr", place)
        before = builder.load(place)
        builder.store(builder.or_(before, ir.Constant(_INT32, _FLUSH)), place)
        _control(builder, "ldmxcsr", place)
        return before

    return types.int32(), emit


@intrinsic
def restore_denormals(typing: Any, before: Any) -> Any:
    """Have this thread compute as it did before."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if _ON_X86:
            place = cgutils.alloca_once(builder, _INT32)
            builder.store(args[0], place)
            _control(builder, "ldmxcsr", place)
        return context.get_dummy_value()

    return types.void(types.int32), emit
