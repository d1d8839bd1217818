"""One trainer a folder."""

from __future__ import annotations

import errno
import os
import sys
from io import FileIO
from pathlib import Path
from types import TracebackType

from tenfold.errors import BusyError, CheckpointError, TenfoldError
from tenfold.files import reason

LOCK = ".lock"
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
"""What the operating systems answer where somebody else holds a lock."""


class RunLock:
    """Holds a folder for this process while in a ``with`` block.

    The operating system holds the lock, so that of a process that died is gone with it. The file
    stays: removing it would let two processes lock two files of the same name.

    Raises
    ------
    BusyError
        If another process (or another run in this one) holds the folder.
    CheckpointError
        If the folder cannot be made, written or locked.

    Examples
    --------
    >>> import tempfile
    >>> with RunLock(Path(tempfile.mkdtemp())):
    ...     pass
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: FileIO | None = None

    @property
    def held(self) -> bool:
        """Return whether this process holds the folder now, through this lock."""
        return self._file is not None

    def __enter__(self) -> RunLock:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = open(self.folder / LOCK, "a+b", buffering=0)
        except OSError as error:
            raise CheckpointError(
                f"{self.folder}: expected a folder to write to, got: {error.strerror}; choose another"
            ) from error
        try:
            _lock(self._file)
        except OSError as error:
            refusal = self._refusal(error, self._file)
            self._file.close()
            self._file = None
            raise refusal from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid():>20}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            _unlock(self._file)
            self._file.close()
            self._file = None

    def _refusal(self, error: OSError, file: FileIO) -> TenfoldError:
        """Return what to raise where the lock could not be had."""
        if error.errno not in _HELD:
            return CheckpointError(
                f"{self.folder}: expected a file system with locks, found {reason(error)}; "
                "choose a folder on another disk"
            )
        return BusyError(
            f"{self.folder}: expected no other trainer in this folder, found {_holder(file)}; "
            "wait for it or choose another folder"
        )


def _holder(file: FileIO) -> str:
    file.seek(0)
    number = file.read(32).strip()
    return f"process {int(number)}" if number.isdigit() else "another process"


if sys.platform == "win32":
    import msvcrt

    _PLACE = 2**30  # what is locked cannot be read by others: not the number, but a byte far behind it

    def _lock(file: FileIO) -> None:
        file.seek(_PLACE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: FileIO) -> None:
        file.seek(_PLACE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # closing alone releases it only after a while
else:
    import fcntl

    def _lock(file: FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
