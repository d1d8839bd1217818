"""Locks a run's folder, so that one process at a time trains in it."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from tenfold import locks
from tenfold.errors import BusyError, CheckpointError, ConfigError
from tenfold.files import HeldFolder, open_lock_file, os_error_text, storage

LOCK = ".lock"


class RunLock:
    """Locks a folder for this process, in a ``with`` block.

    The operating system releases the lock when the process ends, even if it is killed. The lock file stays:
    if it were removed, two processes could lock two files of the same name.

    Raises
    ------
    BusyError
        If another process, or another run in this process, holds the lock.
    ConfigError
        If the lock file is not tenfold's.
    StorageError
        If the folder cannot be created or written.
    CheckpointError
        If the file system has no locks.

    Examples
    --------
    >>> import tempfile
    >>> with RunLock(Path(tempfile.mkdtemp())):
    ...     pass
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._descriptor: int | None = None
        self._held: HeldFolder | None = None

    @property
    def held(self) -> bool:
        """Return whether this lock is held."""
        return self._descriptor is not None

    def check(self) -> None:
        """Check that the locked folder is still at its path.

        Raises
        ------
        MovedError
            If it was moved or removed; with the new path, if known.
        """
        if self._held is not None:
            self._held.check()

    def __enter__(self) -> RunLock:
        with storage(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = open_lock_file(self.folder / LOCK, ConfigError)
        try:
            self._take(descriptor)
            self._held = HeldFolder(self.folder)
            self._write_process_number(descriptor)
        except BaseException:
            os.close(descriptor)
            self._release_folder()
            raise
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            locks.unlock(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
        self._release_folder()

    def _release_folder(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _take(self, descriptor: int) -> None:
        try:
            locks.lock(descriptor)
        except OSError as error:
            if locks.is_held(error):
                raise BusyError(
                    f"{self.folder}: expected no other training in this folder, found {_holder(descriptor)}; "
                    "wait for it or choose another folder"
                ) from None
            raise CheckpointError(
                f"{self.folder}: expected a file system with locks, found {os_error_text(error)}; "
                "choose a folder on another disk"
            ) from None

    def _write_process_number(self, descriptor: int) -> None:
        """Write the number of this process into the file, for the error message of other processes."""
        with storage(self.folder / LOCK):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"{os.getpid():>20}\n".encode())


def _holder(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    number = os.read(descriptor, 32).strip()
    return f"process {int(number)}" if number.isdigit() else "another process"
