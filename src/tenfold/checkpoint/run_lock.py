"""One trainer a folder."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from tenfold import locks
from tenfold.errors import BusyError, CheckpointError, ConfigError
from tenfold.files import HeldFolder, open_lock_file, os_error_text, storage

LOCK = ".lock"


class RunLock:
    """Holds a folder for this process while in a ``with`` block.

    The operating system holds the lock, so that of a process that died is gone with it. The file
    stays: removing it would let two processes lock two files of the same name.

    Raises
    ------
    BusyError
        If another process (or another run in this one) holds the folder.
    ConfigError
        If its lock file is somebody else's.
    StorageError
        If the folder cannot be made or written.
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
        """Return whether this process holds the folder now, through this lock."""
        return self._descriptor is not None

    def check(self) -> None:
        """Refuse to go on if the folder that is held is no longer where it was.

        Raises
        ------
        MovedError
            If it was moved or removed; it says where it is, if that can be known.
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
            self._sign(descriptor)
        except BaseException:
            os.close(descriptor)
            self._let_go_of_folder()
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
        self._let_go_of_folder()

    def _let_go_of_folder(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _take(self, descriptor: int) -> None:
        try:
            locks.lock(descriptor)
        except OSError as error:
            if locks.is_held(error):
                raise BusyError(
                    f"{self.folder}: expected no other trainer in this folder, found {_holder(descriptor)}; "
                    "wait for it or choose another folder"
                ) from None
            raise CheckpointError(
                f"{self.folder}: expected a file system with locks, found {os_error_text(error)}; "
                "choose a folder on another disk"
            ) from None

    def _sign(self, descriptor: int) -> None:
        """Name this process in the file, for those who find the folder taken."""
        with storage(self.folder / LOCK):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"{os.getpid():>20}\n".encode())


def _holder(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    number = os.read(descriptor, 32).strip()
    return f"process {int(number)}" if number.isdigit() else "another process"
