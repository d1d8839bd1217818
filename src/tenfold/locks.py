"""A file that one process holds at a time; the operating system lets go of it when its holder ends."""

from __future__ import annotations

import errno
import os
import sys

_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def is_held(error: OSError) -> bool:
    """Return whether `lock` was refused because somebody else holds the file."""
    return error.errno in _HELD


if sys.platform == "win32":
    import msvcrt

    _PLACE = 2**30  # what is locked cannot be read by others: not the content, but a byte far behind it

    def lock(descriptor: int) -> None:
        """Lock an open file if it is free; an OSError otherwise."""
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def unlock(descriptor: int) -> None:
        """Let go of it: closing alone does so only after a while."""
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def lock(descriptor: int) -> None:
        """Lock an open file if it is free; an OSError otherwise."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def unlock(descriptor: int) -> None:
        """Let go of it."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)
