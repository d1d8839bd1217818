"""Numbers that several threads read and write at once, at an address: int64, each in one indivisible step."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_INT64 = ir.IntType(64)


def _place(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, _INT64.as_pointer())


@intrinsic
def fetch_add(typing: Any, address: Any, amount: Any) -> Any:
    """Add to a number; return the number before."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", _place(builder, args[0]), args[1], "seq_cst")

    return types.int64(types.int64, types.int64), emit


@intrinsic
def replace(typing: Any, address: Any, old: Any, new: Any) -> Any:
    """Write ``new`` where the number is ``old``; return whether it was."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result = builder.cmpxchg(_place(builder, args[0]), args[1], args[2], "seq_cst", "seq_cst")
        return builder.extract_value(result, 1)

    return types.boolean(types.int64, types.int64, types.int64), emit


@intrinsic
def read(typing: Any, address: Any) -> Any:
    """Return a number as another thread may have just written it."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(_place(builder, args[0]), "seq_cst", 8, typ=_INT64)

    return types.int64(types.int64), emit


@intrinsic
def write(typing: Any, address: Any, number: Any) -> Any:
    """Write a number."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store_atomic(args[1], _place(builder, args[0]), "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), emit
