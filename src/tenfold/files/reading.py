"""Reads regular files within limits, without hanging on pipes or devices."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tenfold.errors import TenfoldError
from tenfold.files.storage import file_kind, os_error_text, shown, storage_error

_OF_THE_PROCESS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # these concern this process, not the file


def open_regular(
    path: str | os.PathLike[str], error: type[TenfoldError], *, follow_link: bool = True
) -> BinaryIO:
    """Open a regular file for reading; refuse everything else.

    The file is opened without blocking and checked afterwards: opening a named pipe would wait for its
    writer forever, and a check before opening could be out of date.

    Parameters
    ----------
    path : path
    error : class of TenfoldError
        Class of the error to raise.
    follow_link : bool
        Whether the path itself may be a symbolic link.

    Raises
    ------
    TenfoldError
        If the path leads to no file, to a folder, pipe or device, or cannot be read.
    StorageError
        If this process cannot open any file now, which must not count as a damaged file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow_link:
        flags |= getattr(os, "O_NOFOLLOW", 0)
        if not hasattr(os, "O_NOFOLLOW") and os.path.islink(path):  # Windows
            raise error(f"{shown(path)}: expected a file, found a symbolic link; give the file itself")
    try:
        descriptor = os.open(path, flags)
    except OSError as os_error:
        raise _open_error(path, os_error, error) from os_error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise error(f"{shown(path)}: expected a file, found {file_kind(mode)}; give a regular file")


def read_bounded(
    path: str | os.PathLike[str], limit: int, error: type[TenfoldError], *, follow_link: bool = True
) -> bytes:
    """Return the content of a regular file of at most ``limit`` bytes.

    Raises
    ------
    TenfoldError
        If it cannot be opened (see `open_regular`) or read, or is larger.
    """
    with open_regular(path, error, follow_link=follow_link) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise error(f"{shown(path)}: expected at most {limit} bytes, found {size}; check the path")
        try:
            return stream.read(limit)
        except OSError as os_error:
            raise _open_error(path, os_error, error) from os_error


@contextmanager
def reading_folder(folder: Path, error: type[TenfoldError]) -> Iterator[None]:
    """In a ``with`` block, turn an OSError into an ``error`` that says that a folder is not readable."""
    try:
        yield
    except OSError as os_error:
        text = (
            f"{shown(folder)}: expected a readable folder, found {os_error_text(os_error)}; make it readable"
        )
        raise error(text) from os_error


def _open_error(path: str | os.PathLike[str], os_error: OSError, error: type[TenfoldError]) -> TenfoldError:
    """Return the error for a file that could not be opened or read."""
    name = shown(path)
    if os_error.errno in _OF_THE_PROCESS:
        return storage_error(os_error, path)
    if isinstance(os_error, FileNotFoundError):
        return error(f"{name}: expected a file, found nothing; check the path")
    if isinstance(os_error, IsADirectoryError) or Path(path).is_dir():
        return error(f"{name}: expected a file, found a folder; give a regular file")
    if os_error.errno == errno.ELOOP:
        found = "a symbolic link" if os.path.exists(path) else "a loop of symbolic links"
        return error(f"{name}: expected a file, found {found}; give the file itself")
    if isinstance(os_error, PermissionError):
        return error(f"{name}: expected a readable file, found permission denied; make it readable")
    advice = "check the disk" if os_error.errno == errno.EIO else "check the path"
    return error(f"{name}: expected a readable file, found {os_error_text(os_error)}; {advice}")
