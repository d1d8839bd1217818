"""Files written so that they are whole or not there, and read so that nothing hangs or overflows."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from tenfold.errors import TenfoldError

TEMPORARY = ".tmp-"
"""How the names of files and folders begin that are not finished yet."""
_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def write_atomically(path: Path, content: bytes | bytearray) -> None:
    """Write a file under a temporary name, flush it to the disk and put it in its place.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; what stood at ``path`` is unharmed, and
        nothing else is left behind.
    """
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")
    try:
        write_durably(temporary, content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_durably(path: Path, content: bytes | bytearray) -> None:
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
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow_link:
        flags |= getattr(os, "O_NOFOLLOW", 0)
        if not hasattr(os, "O_NOFOLLOW") and os.path.islink(path):  # Windows
            raise error(f"{shown(path)}: expected a file, found a symbolic link; name the file itself")
    try:
        descriptor = os.open(path, flags)
    except OSError as fault:
        raise error(_unopened(path, fault)) from fault
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    found = next((name for test, name in _KINDS if test(mode)), "a folder")
    raise error(f"{shown(path)}: expected a file, found {found}; name a regular file")


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
            raise error(_unopened(path, fault)) from fault


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path as one printable line, whatever characters its maker put in."""
    text = os.fspath(path)
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def reason(error: OSError) -> str:
    """Return what the operating system says, in a few words, without the path."""
    return (error.strerror or type(error).__name__).lower()


def _unopened(path: str | os.PathLike[str], error: OSError) -> str:
    """The one line for a file that could not be opened."""
    name = shown(path)
    if isinstance(error, FileNotFoundError):
        return f"{name}: expected a file, found nothing; check the path"
    if isinstance(error, IsADirectoryError) or Path(path).is_dir():
        return f"{name}: expected a file, found a folder; name a regular file"
    if error.errno == errno.ELOOP:
        found = "a symbolic link" if os.path.exists(path) else "a loop of symbolic links"
        return f"{name}: expected a file, found {found}; name the file itself"
    if isinstance(error, PermissionError):
        return f"{name}: expected a readable file, found permission denied; make it readable"
    return f"{name}: expected a readable file, found {reason(error)}; check the path"
