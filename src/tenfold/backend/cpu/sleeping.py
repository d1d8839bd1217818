"""How a thread waits until a number changes, without keeping its core from others.

Linux can put a thread to sleep on a number in memory (a *futex*, see ``man 2 futex``): the core is free
for other work at once, and whoever changes the number wakes the sleepers. Elsewhere a thread gives its
core away for a moment and looks again.
"""

from __future__ import annotations

import platform
import sys
from typing import Any

from numba import types

from tenfold.backend.cpu.compilation import kernel

# The number of the system call by architecture; other systems have none.
_CALLS = {"x86_64": 202, "aarch64": 98, "riscv64": 98}
_FUTEX = _CALLS.get(platform.machine(), 0) if sys.platform == "linux" else 0
_WAIT, _WAKE = 128, 129  # for threads of one process
_ALL = 1 << 30

_system_call = types.ExternalFunction("syscall", types.int64(*[types.int64] * 7))
# Ask the system to run somebody else on this core, if there is anybody.
give_way = types.ExternalFunction(
    "SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32()
)


@kernel
def sleep_while(address: Any, number: int, time_limit: int) -> None:
    """Wait while the number at an address is this one, or for a moment.

    ``time_limit`` is the address of the longest time to wait (a C ``timespec``: seconds, nanoseconds), so
    that nobody sleeps for ever whom nobody wakes. Its lower 32 bits are compared.
    """
    if _FUTEX:
        _system_call(_FUTEX, address, _WAIT, number, time_limit, 0, 0)
    else:
        give_way()


@kernel
def wake_all(address: Any) -> None:
    """Wake all threads that sleep on the number at an address."""
    if _FUTEX:
        _system_call(_FUTEX, address, _WAKE, _ALL, 0, 0, 0)
