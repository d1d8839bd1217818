"""File locks: one process at a time; the operating system releases a lock when its process ends."""

from __future__ import annotations

import errno
import os
import sys

_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def is_held(error: OSError) -> bool:
    """Return whether `lock` failed because another process holds the lock."""
    return error.errno in _HELD


if sys.platform == "win32":
    import msvcrt

    _PLACE = 2**30  # a byte far behind the content, because a locked region cannot be read by others

    def lock(descriptor: int) -> None:
        """Lock an open file; OSError if it is locked already."""
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def unlock(descriptor: int) -> None:
        """Release the lock now; closing the file alone releases it later."""
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def lock(descriptor: int) -> None:
        """Lock an open file; OSError if it is locked already."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def unlock(descriptor: int) -> None:
        """Release the lock."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)
