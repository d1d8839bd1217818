"""The cores of a machine, shared out to units that know nothing of one another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tenfold.errors import StorageError
from tenfold.files import make_subfolder, open_lock_file
from tenfold.locks import lock


@contextmanager
def some_cores(wanted: int) -> Iterator[set[int] | None]:
    """Yield cores of this process that no other unit holds, or any if too few are free; None for all.

    A lock file stands for each core, so those of a killed process are free again.
    """
    if not hasattr(os, "sched_getaffinity"):
        yield None
        return
    cores = sorted(os.sched_getaffinity(0))
    if wanted >= len(cores):
        yield None
        return
    with ExitStack() as held:
        free = _held(cores, wanted, held)
        others = [core for core in cores if core not in free]
        # Where there are more units than cores, they do not all begin with the first.
        start = os.getpid() % max(1, len(others))
        yield free | set((others[start:] + others[:start])[: wanted - len(free)])


def _held(cores: list[int], wanted: int, held: ExitStack) -> set[int]:
    """Lock up to ``wanted`` cores until the stack is closed."""
    folder = Path(tempfile.gettempdir()) / f"tenfold-cores-{os.getuid()}"
    found: set[int] = set()
    with suppress(StorageError):  # then they are shared with whoever else is there
        make_subfolder(folder)
    for core in cores:
        if len(found) == wanted:
            break
        with suppress(OSError, StorageError):
            descriptor = open_lock_file(folder / str(core), StorageError)
            held.callback(os.close, descriptor)
            lock(descriptor)
            found.add(core)
    return found
