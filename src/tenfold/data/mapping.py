"""Large arrays that stay in their files: the operating system reads a page when it is first used.

Small files are read, because a copy cannot change. A mapped file can: `check_unchanged` notices it.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from tenfold.errors import DataError
from tenfold.files import shown

MAPPED_FROM = 1 << 27
"""Bytes: arrays of at least this size are mapped."""


class MappedFile(mmap.mmap):
    """A file in memory, with what it was like when it was mapped."""

    path: Path
    seen: os.stat_result

    def changed(self) -> bool:
        """Return whether the file was written to, or cut short, since it was mapped.

        A new file in its place does not matter: the mapping keeps the old one.
        """
        if self.size() != self.seen.st_size:
            return True
        try:
            now = self.path.stat()
        except OSError:
            return False
        same = (now.st_dev, now.st_ino) == (self.seen.st_dev, self.seen.st_ino)
        return same and now.st_mtime_ns != self.seen.st_mtime_ns


def map_array(
    stream: IO[bytes], path: str | os.PathLike[str], offset: int, shape: tuple[int, ...]
) -> npt.NDArray[np.uint8]:
    """Return bytes of an open file as a read-only array that is not read yet.

    Parameters
    ----------
    stream : binary file
        Of which at least ``offset`` and the product of ``shape`` bytes are there.
    path : path
        For messages.
    offset : int
        Where the array begins.
    shape : tuple of int

    Returns
    -------
    uint8 array of this shape
    """
    whole = MappedFile(stream.fileno(), 0, access=mmap.ACCESS_READ)
    whole.path, whole.seen = Path(path), os.fstat(stream.fileno())
    return np.frombuffer(whole, np.uint8, int(np.prod(shape)), offset).reshape(shape)


def check_unchanged(images: npt.NDArray[Any]) -> None:
    """Refuse images of a mapped file that has changed since.

    Raises
    ------
    DataError
    """
    owner: object = images
    while isinstance(owner, np.ndarray):
        owner = owner.base
    owner = owner.obj if isinstance(owner, memoryview) else owner
    if isinstance(owner, MappedFile) and owner.changed():
        raise DataError(
            f"{shown(owner.path)}: expected the file as it was when training began, found it changed; "
            "leave it alone while it is in use, and start again"
        )
