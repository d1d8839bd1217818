"""Files that are either whole or not there, also after a power cut."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tenfold.errors import CheckpointError

TEMPORARY = ".tmp-"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, flush it to the disk and put it in its place.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; what stood at ``path`` is unharmed.
    """
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")
    try:
        write_durably(temporary, content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's entries (without this a rename can be lost)."""
    if os.name == "nt":  # Windows cannot open a folder, and journals its entries itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Read a regular file of at most ``max_bytes`` bytes.

    Raises
    ------
    CheckpointError
        If the file is missing, unreadable, a link, a pipe or a device, or too large.
    """
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            raise CheckpointError(f"{path}: expected a regular file, found something else; save it again")
        if status.st_size > max_bytes:
            raise CheckpointError(
                f"{path}: expected at most {max_bytes} bytes, the file holds {status.st_size}; save it again"
            )
        with open(path, "rb") as file:
            return file.read(max_bytes)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected a file, found none; save it again") from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
