"""A folder that is held by a descriptor, so that renaming or replacing it is noticed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tenfold.errors import StorageError
from tenfold.files.storage import shown, storage


class MovedError(StorageError):
    """A folder was moved or removed while it was in use.

    Attributes
    ----------
    there : Path or None
        Its new path, if known.
    """

    there: Path | None = None


class HeldFolder:
    """Holds a folder by a descriptor, which follows the folder when it is renamed.

    Parameters
    ----------
    folder : Path
        Must exist.

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
            if os.name != "nt":  # Windows cannot open a folder, and does not rename one with open files
                self._descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def check(self) -> None:
        """Check that the path still leads to this folder.

        Raises
        ------
        MovedError
            With the new path, if known.
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
            error = MovedError(f"{what}: it was moved to {shown(there)}", "continue there")
        elif self._held().st_nlink == 0:
            error = MovedError(f"{what}: it was removed", "start again")
        else:
            error = MovedError(f"{what}: it was moved or removed", "put it back")
            return error
        error.there, error.then = there, ""  # nothing to do after the advice
        return error

    def _whereabouts(self) -> Path | None:
        """Ask the operating system for the folder's path, and check the answer."""
        if self._descriptor is None:
            return None
        try:
            there = Path(_name_of(self._descriptor))
            return there if os.path.samestat(os.stat(there), self._held()) else None
        except (OSError, ValueError):  # removed, not visible to this process, or unsupported
            return None


def _name_of(descriptor: int) -> str:
    if sys.platform == "darwin":
        import fcntl

        return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    return os.readlink(f"/proc/self/fd/{descriptor}")
