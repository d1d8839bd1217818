"""Files written so that they are whole or not there, never through a link that somebody else made."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from tenfold.errors import StorageError
from tenfold.files.kinds import kind
from tenfold.files.storage import shown, storage
from tenfold.files.temporary import temporary_path


def write_atomically(path: Path, content: bytes | bytearray) -> None:
    """Write a file under a temporary name, flush it to the disk and put it in its place.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written; what stood at ``path`` is unharmed, and
        nothing else is left behind.
    """
    temporary = temporary_path(path)
    with storage(path):
        try:
            write_durably(temporary, content)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_durably(path: Path, content: bytes | bytearray) -> None:
    """Write a new file and wait until the disk has it; OSError if that fails."""
    with create(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def create(path: Path) -> BinaryIO:
    """Open a new file for writing: what is there already, be it a link, is not touched; OSError if so."""
    return open(path, "xb")


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's entries (without this a rename can be lost)."""
    if os.name == "nt":  # Windows cannot open a folder, and journals its entries itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_subfolder(folder: Path) -> None:
    """Make a folder inside one of ours; one that is there is taken, a link to one is not.

    Raises
    ------
    StorageError
        If something else is there, or it cannot be made.
    """
    with storage(folder):
        try:
            folder.mkdir()
        except FileExistsError:
            mode = os.lstat(folder).st_mode
            if not stat.S_ISDIR(mode):
                raise StorageError(
                    f"{shown(folder)}: expected a folder, found {kind(mode)}", "move it away"
                ) from None
