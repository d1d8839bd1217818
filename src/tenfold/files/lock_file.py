"""Opens the lock file of a folder; refuses a file that tenfold did not write."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from tenfold.errors import TenfoldError
from tenfold.files.storage import file_kind, shown, storage

_OURS = re.compile(rb"( *[0-9]+\n|\0*)?")  # the number of a process; after a power failure, zeros or nothing
_LONGEST = 32  # bytes


def open_lock_file(path: Path, error: type[TenfoldError]) -> int:
    """Open the lock file, create it if necessary, and return its descriptor; the caller closes it.

    Nothing is written, because the file holds the process number of its owner.

    Raises
    ------
    TenfoldError
        Of class ``error`` if it is a link, a pipe, a file with several names, or has other content than a
        lock file: writing to it could damage another user's file.
    StorageError
        If it cannot be opened.
    """
    with storage(path):
        if os.path.lexists(path):
            _check_mode(path, os.lstat(path), error)  # opening a device can have effects
        flags = os.O_RDWR | os.O_CREAT
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # not every system has all of them
            flags |= getattr(os, name, 0)
        descriptor = os.open(path, flags, 0o666)
        try:
            _check_mode(path, os.fstat(descriptor), error)
            _check_content(path, descriptor, error)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def _check_mode(path: Path, found: os.stat_result, error: type[TenfoldError]) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _foreign(path, file_kind(found.st_mode), error)
    if found.st_nlink > 1:
        advice = "remove it if the folder was copied with hard links, otherwise choose another folder"
        raise _foreign(path, "a file with several hard links", error, advice)


def _check_content(path: Path, descriptor: int, error: type[TenfoldError]) -> None:
    if os.name == "nt":  # a locked region cannot be read there
        return
    if _OURS.fullmatch(os.pread(descriptor, _LONGEST + 1, 0)) is None:
        raise _foreign(path, "another file", error)


def _foreign(
    path: Path, found: str, error: type[TenfoldError], advice: str = "choose another folder"
) -> TenfoldError:
    return error(f"{shown(path)}: expected a lock file of tenfold, found {found}; {advice}")
