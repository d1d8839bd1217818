"""The folder where downloads are kept: written atomically, by one process at a time."""

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

LOCK_WAIT = 900.0  # seconds; as long as a download may take at the slowest
_LOCK = ".lock"
_POLL = 0.05  # seconds
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ELSEWHERE = f"make room or writable, or set {CACHE_VARIABLE} to another folder"


def write_atomically(path: Path, data: bytes | bytearray) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut.

    Raises
    ------
    DataError
        If the disk is full or the folder cannot be written; nothing is left behind.
    """
    try:
        files.write_atomically(path, data)
    except OSError as error:
        raise _unwritable(path, len(data), error) from error


def _unwritable(path: Path, size: int, error: OSError) -> TenfoldError:
    if error.errno in _FULL:
        return DataError(
            f"{shown(path)}: expected room for {size} bytes, found the disk full ({os_error_text(error)}); "
            f"{_ELSEWHERE}"
        )
    found = files.storage_error(error, path)
    if not found.of_the_place:  # another folder would not help
        return found
    return DataError(
        f"{shown(path)}: expected a folder that can be written, found {os_error_text(error)}; {_ELSEWHERE}"
    )


@contextmanager
def locked(folder: Path, waiting: Callable[[], None], patience: float = LOCK_WAIT) -> Iterator[None]:
    """Hold the folder for this process alone; make it first if need be.

    The operating system drops the lock when its holder ends, however it ends.

    Parameters
    ----------
    folder : Path
    waiting : callable
        Called once if another process holds it.
    patience : float
        Seconds to wait.

    Raises
    ------
    DataError
        If the folder cannot be made or written.
    BusyError
        If the other process outlasts the patience.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = files.open_lock_file(folder / _LOCK, DataError)
    except OSError as error:
        raise _unwritable(folder, 0, error) from error
    try:
        _wait_for_lock(descriptor, folder, waiting, patience)
        try:
            files.sweep(folder)  # of a process that was killed: nobody else writes
            yield
        finally:
            locks.unlock(descriptor)
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, folder: Path, waiting: Callable[[], None], patience: float) -> None:
    end = time.monotonic() + patience
    told = False
    while not _try_lock(descriptor, folder):
        if time.monotonic() > end:
            raise BusyError(
                f"{shown(folder)}: expected to write there, found another process downloading for "
                f"{patience:.0f} s; try again later, or set {CACHE_VARIABLE} to another folder"
            )
        if not told:
            waiting()
            told = True
        time.sleep(_POLL)


def _try_lock(descriptor: int, folder: Path) -> bool:
    """Take the lock if it is free."""
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
