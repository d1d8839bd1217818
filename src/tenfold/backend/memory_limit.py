"""How much memory this process may have, asked before something is made that is too large for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tenfold.backend.control_groups import own_groups
from tenfold.errors import OutOfMemoryError

_FILES = ("memory.max", "memory.limit_in_bytes")  # of a control group, in versions 2 and 1
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def memory_limit() -> int | None:
    """Return the bytes that this process can have at most, None where the system does not say.

    The least of what the machine has, what its control groups (containers, schedulers) leave to it, and
    what ``ulimit -v`` allows.
    """
    groups = [_number(group / name) for group in own_groups("memory") for name in _FILES]
    return min(filter(None, (_machine(), *groups, _process())), default=None)


def check_memory(what: str, needed: int, advice: str) -> None:
    """Refuse what cannot be: more bytes than `memory_limit`.

    Parameters
    ----------
    what : str
        What takes so much, in words.
    needed : int
        Bytes, at the least; as large as it likes.
    advice : str

    Raises
    ------
    OutOfMemoryError
        With the bytes needed and the bytes that there are.

    Examples
    --------
    >>> check_memory("a minibatch of 32 images", 32 * 784 * 4, "take fewer")
    """
    limit = memory_limit()
    if limit is not None and needed > limit:
        raise OutOfMemoryError(
            f"{what}: expected at most {in_words(limit)}, all the memory there is, "
            f"got {in_words(needed)}; {advice}"
        )


def in_words(size: int) -> str:
    """Return a number of bytes as a person reads it.

    Examples
    --------
    >>> in_words(3_136_000_000_000_000), in_words(10**30)
    ('3.14 PB', 'over 1,000 EB')
    """
    for power, unit in enumerate(_UNITS):
        if size < 1000 ** (power + 1):
            return f"{size / 1000**power:.3g} {unit}"
    return "over 1,000 EB"


def _machine() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not every system has sysconf, or these names
        return None


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # no such group, or "max"
        return None


def _process() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft
