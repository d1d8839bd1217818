"""The file that a process locks while it works in a folder: its own, never somebody else's."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from tenfold.errors import TenfoldError
from tenfold.files.kinds import kind
from tenfold.files.storage import shown, storage

_OURS = re.compile(rb"( *[0-9]+\n)?")  # empty, or the number of the process that held it
_LONGEST = 32  # bytes


def open_lock_file(path: Path, error: type[TenfoldError]) -> int:
    """Return a descriptor of the lock file, made if need be; close it in the end.

    Nothing is written, so that whoever holds it stays named in it.

    Raises
    ------
    TenfoldError
        Of class ``error`` if it is a link, a pipe, a file with two names, or a file with other content than
        ours: what is written to it would be written to something of somebody else's.
    StorageError
        If it cannot be opened.
    """
    with storage(path):
        if os.path.lexists(path):
            _check_mode(path, os.lstat(path), error)  # to open a device can do something to it
        flags = os.O_RDWR | os.O_CREAT
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # not all systems have all
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
        raise _foreign(path, kind(found.st_mode), error)
    if found.st_nlink > 1:
        advice = "remove it if the folder was copied by hard links, otherwise choose another folder"
        raise _foreign(path, "a file with another name besides", error, advice)


def _check_content(path: Path, descriptor: int, error: type[TenfoldError]) -> None:
    if os.name == "nt":  # what is locked there by somebody else cannot be read
        return
    if _OURS.fullmatch(os.pread(descriptor, _LONGEST + 1, 0)) is None:
        raise _foreign(path, "a file of something else", error)


def _foreign(
    path: Path, found: str, error: type[TenfoldError], advice: str = "choose another folder"
) -> TenfoldError:
    return error(f"{shown(path)}: expected a lock file of tenfold's, found {found}; {advice}")
