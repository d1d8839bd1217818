"""Files of other people's read so that nothing hangs or overflows."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from tenfold.errors import TenfoldError
from tenfold.files.kinds import kind
from tenfold.files.storage import os_error_text, shown, storage_error

_OF_THE_PROCESS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # these say nothing about the file


def open_regular(
    path: str | os.PathLike[str], error: type[TenfoldError], *, follow_link: bool = True
) -> BinaryIO:
    """Open a regular file for reading, and nothing else.

    Opened without blocking and looked at afterwards: a named pipe would otherwise wait for its
    writer for ever, and a look beforehand could be outrun.

    Parameters
    ----------
    path : path
    error : class of TenfoldError
        What is raised.
    follow_link : bool
        Whether the file may be reached through a symbolic link as its last step.

    Raises
    ------
    TenfoldError
        If there is no file, or a folder, pipe or device, or it cannot be read.
    StorageError
        If this process can open no file at all: that must not pass for a damaged file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow_link:
        flags |= getattr(os, "O_NOFOLLOW", 0)
        if not hasattr(os, "O_NOFOLLOW") and os.path.islink(path):  # Windows
            raise error(f"{shown(path)}: expected a file, found a symbolic link; name the file itself")
    try:
        descriptor = os.open(path, flags)
    except OSError as fault:
        raise _unopened(path, fault, error) from fault
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise error(f"{shown(path)}: expected a file, found {kind(mode)}; name a regular file")


def read_bounded(
    path: str | os.PathLike[str], limit: int, error: type[TenfoldError], *, follow_link: bool = True
) -> bytes:
    """Return all bytes of a regular file that holds no more than ``limit``.

    Raises
    ------
    TenfoldError
        If it cannot be opened (see `open_regular`) or read, or is larger.
    """
    with open_regular(path, error, follow_link=follow_link) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise error(f"{shown(path)}: expected at most {limit} bytes, found {size}; is it the right file?")
        try:
            return stream.read(limit)
        except OSError as fault:
            raise _unopened(path, fault, error) from fault


def _unopened(path: str | os.PathLike[str], fault: OSError, error: type[TenfoldError]) -> TenfoldError:
    """Return what to raise for a file that could not be opened."""
    name = shown(path)
    if fault.errno in _OF_THE_PROCESS:
        return storage_error(fault, path)
    if isinstance(fault, FileNotFoundError):
        return error(f"{name}: expected a file, found nothing; check the path")
    if isinstance(fault, IsADirectoryError) or Path(path).is_dir():
        return error(f"{name}: expected a file, found a folder; name a regular file")
    if fault.errno == errno.ELOOP:
        found = "a symbolic link" if os.path.exists(path) else "a loop of symbolic links"
        return error(f"{name}: expected a file, found {found}; name the file itself")
    if isinstance(fault, PermissionError):
        return error(f"{name}: expected a readable file, found permission denied; make it readable")
    advice = "check the disk" if fault.errno == errno.EIO else "check the path"
    return error(f"{name}: expected a readable file, found {os_error_text(fault)}; {advice}")
