"""From an address to what lies there: a row of a table, or an array."""

from __future__ import annotations

from typing import Any

from numba import carray, from_dtype, types
from numba.extending import intrinsic

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel


def _pointer_to(kind: Any) -> Any:
    @intrinsic
    def cast(typing: Any, address: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

        return kind(types.int64), emit

    return cast


operation = _pointer_to(from_dtype(opcodes.OPERATION))
tensor_at = _pointer_to(from_dtype(opcodes.TENSOR))
optimiser_at = _pointer_to(from_dtype(opcodes.OPTIMISER))
_floats = _pointer_to(types.CPointer(types.float32))
_doubles = _pointer_to(types.CPointer(types.float64))
_integers = _pointer_to(types.CPointer(types.int64))
_octets = _pointer_to(types.CPointer(types.uint8))
_shorts = _pointer_to(types.CPointer(types.uint16))


@kernel
def floats(address: int, size: int) -> Any:
    """Float32 numbers at an address."""
    return carray(_floats(address), size)


@kernel
def doubles(address: int, size: int) -> Any:
    """Float64 numbers at an address."""
    return carray(_doubles(address), size)


@kernel
def integers(address: int, size: int) -> Any:
    """Int64 numbers at an address."""
    return carray(_integers(address), size)


@kernel
def octets(address: int, size: int) -> Any:
    """Bytes at an address."""
    return carray(_octets(address), size)


@kernel
def shorts(address: int, size: int) -> Any:
    """Uint16 numbers at an address."""
    return carray(_shorts(address), size)
