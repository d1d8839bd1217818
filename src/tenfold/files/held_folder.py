"""A folder that is recognised however it is called now."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tenfold.errors import StorageError
from tenfold.files.storage import shown, storage


class MovedError(StorageError):
    """A folder that was moved or removed while something was written into it.

    Attributes
    ----------
    there : Path or None
        Where it is now, if that can be known.
    """

    there: Path | None = None


class HeldFolder:
    """Holds a folder by a descriptor, which stays with it when it is renamed, and with no other one.

    Parameters
    ----------
    folder : Path
        Must be there.

    Raises
    ------
    StorageError
        If it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._descriptor: int | None = None
        with storage(folder):
            self._found = os.stat(folder)
            if os.name != "nt":  # which cannot open a folder, and renames none with open files in it
                self._descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def check(self) -> None:
        """Refuse to go on if the path leads to another folder now, or to none.

        Raises
        ------
        MovedError
            It says where the folder is, if that can be known.
        """
        try:
            now = os.stat(self.folder)
        except (FileNotFoundError, NotADirectoryError):
            raise self._moved("nothing") from None
        if not os.path.samestat(now, self._held()):
            raise self._moved("another one")

    def _held(self) -> os.stat_result:
        return self._found if self._descriptor is None else os.fstat(self._descriptor)

    def _moved(self, found: str) -> MovedError:
        what = f"{shown(self.folder)}: expected the folder that was there at the start, found {found}"
        there = self._whereabouts()
        if there is not None:
            error = MovedError(f"{what}: it was moved to {shown(there)}", "go on there")
        elif self._held().st_nlink == 0:
            error = MovedError(f"{what}: it was removed", "start again")
        else:
            error = MovedError(f"{what}: it was moved or removed", "put it back")
            return error
        error.there, error.then = there, ""  # the advice is all there is to do
        return error

    def _whereabouts(self) -> Path | None:
        """Ask the operating system what the folder is called, and look whether that is so."""
        if self._descriptor is None:
            return None
        try:
            there = Path(_name_of(self._descriptor))
            return there if os.path.samestat(os.stat(there), self._held()) else None
        except (OSError, ValueError):  # removed, out of this process's sight, or a system that cannot tell
            return None


def _name_of(descriptor: int) -> str:
    if sys.platform == "darwin":
        import fcntl

        return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    return os.readlink(f"/proc/self/fd/{descriptor}")
