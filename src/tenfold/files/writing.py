"""Writes files completely or not at all, and never through a symbolic link."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from tenfold.errors import StorageError
from tenfold.files.storage import file_kind, shown, storage
from tenfold.files.temporary import temporary_path

_USUAL = 0o666  # less what the process's umask takes away


def write_atomically(path: Path, content: bytes | bytearray, *, mode: int = _USUAL) -> None:
    """Write a file under a temporary name, flush it to the disk, then rename it.

    Parameters
    ----------
    path : Path
    content : bytes
    mode : int
        Who may read and write the file; 0o600 for its owner alone.

    Raises
    ------
    StorageError
        If the disk is full or the folder is not writable. An old file at ``path`` is unchanged, and no
        temporary file is left.
    """
    temporary = temporary_path(path)
    with storage(path):
        try:
            write_durably(temporary, content, mode=mode)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_durably(path: Path, content: bytes | bytearray, *, mode: int = _USUAL) -> None:
    """Write a new file and wait until the disk has it; OSError if that fails."""
    with create(path, mode=mode) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def create(path: Path, *, mode: int = _USUAL) -> BinaryIO:
    """Open a new file for writing; OSError if the path exists, even as a link."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode))


def append_to(path: Path, *, mode: int = _USUAL) -> BinaryIO:
    """Open a file to add lines at its end; a link is not followed. A new file has the given mode."""

    def no_link(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), mode)  # Windows has no such flag

    return open(path, "ab", opener=no_link)


def sync_folder(folder: Path) -> None:
    """Flush the folder's entries to the disk (otherwise a rename can be lost)."""
    if os.name == "nt":  # Windows cannot open a folder, but journals its entries
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_subfolder(folder: Path) -> None:
    """Create a subfolder. An existing folder is accepted, a link to one is not.

    Raises
    ------
    StorageError
        If the path is something else, or the folder cannot be created.
    """
    with storage(folder):
        try:
            folder.mkdir()
        except FileExistsError:
            mode = os.lstat(folder).st_mode
            if not stat.S_ISDIR(mode):
                raise StorageError(
                    f"{shown(folder)}: expected a folder, found {file_kind(mode)}", "move it away"
                ) from None
