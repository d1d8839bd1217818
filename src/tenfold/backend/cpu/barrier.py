"""Where the threads of a step wait for each other.

The waits are a fraction of a millisecond apart, too short to sleep: a thread spins, and offers its
core to others if it has spun for long.
"""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.threads import ABANDONED

_SPINS = 4000  # some ten microseconds

# Ask the system to run somebody else; the name is looked up in the running process.
give_way = types.ExternalFunction(
    "SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32()
)


def _slot(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.gep(array.data, [args[1]])


@intrinsic
def _fetch_add(typing: Any, array: Any, index: Any, amount: Any) -> Any:
    """Add to an element in one indivisible step and return what it was."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", _slot(context, builder, signature, args), args[2], "seq_cst")

    return types.int64(array, types.int64, types.int64), emit


@intrinsic
def _read(typing: Any, array: Any, index: Any) -> Any:
    """Read an element as another thread may have just written it."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(_slot(context, builder, signature, args), "acquire", 8, typ=ir.IntType(64))

    return types.int64(array, types.int64), emit


@kernel
def meet(counter: Any, threads: int) -> bool:
    """Return True when all threads have come here, False when the run was abandoned.

    ``counter`` is one int64 that only ever grows; at ABANDONED nobody waits any longer.
    """
    if threads == 1:
        return True
    mine = _fetch_add(counter, 0, 1)
    target = (mine // threads + 1) * threads
    spins = 0
    arrived = _read(counter, 0)
    while arrived < target and mine < ABANDONED:
        spins += 1
        if spins > _SPINS:
            give_way()
        arrived = _read(counter, 0)
    return arrived < ABANDONED
