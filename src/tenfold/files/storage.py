"""Errors of the file system in words: which file, what happened, what to do."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from tenfold.errors import StorageError
from tenfold.files.temporary import finished

_ELSEWHERE = "choose another folder"
_WORDS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("room on the disk", "free some space"),
    errno.EDQUOT: ("room within the disk quota", "free some space"),
    errno.EFBIG: ("room for a larger file", "raise the limit on the size of files (ulimit -f)"),
    errno.EMFILE: ("a free file descriptor", "raise the limit on open files (ulimit -n)"),
    errno.ENFILE: ("a free file descriptor", "close other programs"),
    errno.ENOMEM: ("free memory", "close other programs"),
    errno.EAGAIN: ("a free process", "close other programs"),
    errno.EIO: ("a working disk", "check the disk or choose another"),
    errno.EROFS: ("a writable file system", _ELSEWHERE),
    errno.EACCES: ("permission to write here", f"change the permissions or {_ELSEWHERE}"),
    errno.EPERM: ("permission to write here", f"change the permissions or {_ELSEWHERE}"),
    errno.ENOENT: ("a folder to write to", "check the path"),
    errno.ENOTDIR: ("a folder to write to", _ELSEWHERE),
    errno.EEXIST: ("a folder to write to", _ELSEWHERE),
    errno.EISDIR: ("a file or nothing", _ELSEWHERE),
    errno.ENOTEMPTY: ("an empty folder", _ELSEWHERE),
    errno.ELOOP: ("no symbolic link", f"remove it or {_ELSEWHERE}"),
    errno.ENAMETOOLONG: ("a shorter name", "shorten it"),
    errno.EBADF: ("an open stream", "open it for the program, or send it to /dev/null"),
}
_OTHERWISE = ("a working file system", f"{_ELSEWHERE} or try again")
_OF_THE_PLACE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EEXIST}
_OF_THE_PLACE |= {errno.EISDIR, errno.ENOTEMPTY, errno.ELOOP, errno.ENAMETOOLONG}

_KINDS = (
    (stat.S_ISREG, "a file"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@contextmanager
def storage(path: str | os.PathLike[str]) -> Iterator[None]:
    """In a ``with`` block, turn an OSError into a `StorageError` about ``path``.

    Raises
    ------
    StorageError
        Instead of any other OSError.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def storage_error(error: OSError, path: str | os.PathLike[str] | None = None) -> StorageError:
    """Return an OSError as a `StorageError` with a clear message; a `StorageError` is returned unchanged.

    Examples
    --------
    >>> str(storage_error(OSError(errno.ENOSPC, "No space left on device"), "runs/mine/report.html"))
    'runs/mine/report.html: expected room on the disk, found no space left on device; free some space'
    """
    if isinstance(error, StorageError):
        return error
    place = error.filename if path is None else path
    wanted, advice = _WORDS.get(error.errno or 0, _OTHERWISE)
    where = "" if place is None or isinstance(place, int) else f"{shown(finished(place))}: "
    what = f"{where}expected {wanted}, found {os_error_text(error)}"
    return StorageError(what, advice, errno=error.errno, of_the_place=error.errno in _OF_THE_PLACE)


def shown(path: str | bytes | os.PathLike[str]) -> str:
    """Return a path as one printable line; other characters are escaped."""
    text = os.fsdecode(path)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def os_error_text(error: OSError) -> str:
    """Return the operating system's message for an error, without the path."""
    if error.strerror:
        return error.strerror.lower()
    if error.errno is not None:
        return os.strerror(error.errno).lower()
    return " ".join(str(error).split()) or type(error).__name__


def file_kind(mode: int) -> str:
    """Return the kind of a file in words, from its mode."""
    return next((name for test, name in _KINDS if test(mode)), "something else")
