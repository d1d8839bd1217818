"""The folder for downloads: files are written atomically, by one process at a time."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tenfold import files, locks
from tenfold.errors import BusyError, DataError, TenfoldError
from tenfold.files import os_error_text, shown
from tenfold.folders import CACHE_VARIABLE

LOCK_WAIT = 900.0  # seconds; the slowest download may take as long
_LOCK = ".lock"
_POLL = 0.05  # seconds
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ELSEWHERE = f"or set {CACHE_VARIABLE} to another folder"


def write_file(path: Path, data: bytes | bytearray) -> None:
    """Write a file completely or not at all, even after a power cut.

    Raises
    ------
    DataError
        If the disk is full or the folder is not writable. No partial file is left.
    """
    try:
        files.write_atomically(path, data)
    except OSError as error:
        raise _unwritable(path, len(data), error) from error


def _unwritable(path: Path, size: int, error: OSError) -> TenfoldError:
    if error.errno in _FULL:
        return DataError(
            f"{shown(path)}: expected room for {size} bytes, found the disk full ({os_error_text(error)}); "
            f"free some space, {_ELSEWHERE}"
        )
    found = files.storage_error(error, path)
    if not found.of_the_place:  # another folder would fail in the same way
        return found
    return DataError(
        f"{shown(path)}: expected a writable folder, found {os_error_text(error)}; "
        f"make it writable, {_ELSEWHERE}"
    )


@contextmanager
def locked(folder: Path, waiting: Callable[[], None], wait_seconds: float = LOCK_WAIT) -> Iterator[None]:
    """Lock the folder for this process; create it if necessary.

    The operating system releases the lock when the process ends, even if it is killed.

    Parameters
    ----------
    folder : Path
    waiting : callable
        Called once if another process holds the lock.
    wait_seconds : float

    Raises
    ------
    DataError
        If the folder cannot be created or written.
    BusyError
        If the other process still holds the lock after ``wait_seconds``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = files.open_lock_file(folder / _LOCK, DataError)
    except OSError as error:
        raise _unwritable(folder, 0, error) from error
    try:
        _wait_for_lock(descriptor, folder, waiting, wait_seconds)
        try:
            files.sweep(folder)  # leftovers of a killed process; no other process writes now
            yield
        finally:
            locks.unlock(descriptor)
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, folder: Path, waiting: Callable[[], None], wait_seconds: float) -> None:
    end = time.monotonic() + wait_seconds
    told = False
    while not _try_lock(descriptor, folder):
        if time.monotonic() > end:
            raise BusyError(
                f"{shown(folder)}: expected no other download, found one that has run for "
                f"{wait_seconds:.0f} s; try again later, or set {CACHE_VARIABLE} to another folder"
            )
        if not told:
            waiting()
            told = True
        time.sleep(_POLL)


def _try_lock(descriptor: int, folder: Path) -> bool:
    """Take the lock if it is free; return whether it was."""
    try:
        locks.lock(descriptor)
    except OSError as error:
        if locks.is_held(error):
            return False
        raise DataError(
            f"{shown(folder)}: expected a file system with locks, found {os_error_text(error)}; "
            f"set {CACHE_VARIABLE} to a local folder"
        ) from error
    return True
