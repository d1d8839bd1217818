"""One trainer a folder."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from types import TracebackType

from tenfold import locks
from tenfold.errors import BusyError, CheckpointError, TenfoldError
from tenfold.files import reason

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
            locks.lock(self._file.fileno())
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
            locks.unlock(self._file.fileno())
            self._file.close()
            self._file = None

    def _refusal(self, error: OSError, file: FileIO) -> TenfoldError:
        """Return what to raise where the lock could not be had."""
        if not locks.is_held(error):
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
