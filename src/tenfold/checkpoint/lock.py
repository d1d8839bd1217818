"""One trainer a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO

from tenfold.errors import BusyError, CheckpointError

LOCK = ".lock"


class RunLock:
    """Holds a folder for this process while in a ``with`` block.

    The operating system holds the lock, so that of a process that died is gone with it. The file
    stays: removing it would let two processes lock two files of the same name.

    Raises
    ------
    BusyError
        If another process (or another run in this one) holds the folder.
    CheckpointError
        If the folder cannot be made or written.

    Examples
    --------
    >>> import tempfile
    >>> with RunLock(Path(tempfile.mkdtemp())):
    ...     pass
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Return whether this process holds the folder now, through this lock."""
        return self._file is not None

    def __enter__(self) -> RunLock:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = open(self.folder / LOCK, "a+b")
        except OSError as error:
            raise CheckpointError(
                f"{self.folder}: expected a folder to write to, got: {error.strerror}; choose another"
            ) from error
        try:
            _lock(self._file)
        except OSError:
            holder = _holder(self._file)
            self._file.close()
            self._file = None
            raise BusyError(
                f"{self.folder}: expected no other trainer in this folder, found {holder}; "
                "wait for it or choose another folder"
            ) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid():>20}\n".encode())
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()  # which releases the lock
            self._file = None


def _holder(file: IO[bytes]) -> str:
    try:
        file.seek(0)
        number = file.read(32).strip()
    except OSError:  # Windows: the locked bytes cannot be read
        number = b""
    return f"process {int(number)}" if number.isdigit() else "another process"


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
