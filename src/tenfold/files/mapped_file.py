"""A file that several processes of one machine map into their memory."""

from __future__ import annotations

import mmap
import os
import secrets
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tenfold.files.writing import create

_PREFIX = "tenfold-mapped-"
_UNUSED = 3600.0  # seconds
_IN_MEMORY = Path("/dev/shm")  # where Linux keeps files that no disk sees


def new_mapped(size: int) -> tuple[Path, mmap.mmap]:
    """Create such a file, for this user alone, and map it; OSError if there is no room for it."""
    folder = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _remove_leftovers(folder)
    path = folder / f"{_PREFIX}{secrets.token_hex(8)}"
    try:
        with create(path) as file:
            os.chmod(path, 0o600)
            _reserve(file.fileno(), size)
        return path, mapped(path, size)
    except BaseException:
        remove_mapped(path)
        raise


def mapped(path: Path | str, size: int) -> mmap.mmap:
    """Map a file that another process created."""
    with open(path, "r+b") as file:
        return mmap.mmap(file.fileno(), size)


def remove_mapped(path: Path) -> None:
    """Remove its name: who has mapped it keeps it, and nothing is left when they have ended."""
    with suppress(OSError):
        os.unlink(path)


def _remove_leftovers(folder: Path) -> None:
    """Remove this user's files of processes that were killed before they removed the names themselves.

    A name is needed only until the workers of a training are ready, so an hour is more than enough.
    """
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = path.lstat()
            mine = os.name == "nt" or found.st_uid == os.getuid()
            if mine and stat.S_ISREG(found.st_mode) and found.st_mtime < time.time() - _UNUSED:
                path.unlink()


def _reserve(descriptor: int, size: int) -> None:
    """Take the room now: to write where there is none would end the process later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.write(descriptor, bytes(size))
