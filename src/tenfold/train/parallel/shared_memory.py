"""Memory that the processes of one machine share, with a slot for each."""

from __future__ import annotations

import mmap
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

import numpy as np

from tenfold.train.executor import HostArray

_IN_MEMORY = Path("/dev/shm")  # where Linux keeps files that no disk sees


class Slots:
    """Room for an array of each process, in a file that all of them map.

    Parameters
    ----------
    file : path
    size : int
        How many slots.
    room : int
        Bytes of each.
    """

    def __init__(self, file: Path | str, size: int, room: int) -> None:
        with open(file, "r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), size * room)
        self._bytes = np.frombuffer(self._map, np.uint8).reshape(size, room)
        self.file, self.size, self.room = str(file), size, room

    @classmethod
    def new(cls, size: int, room: int) -> Self | None:
        """Return slots in a new file; None where there is no room for it."""
        folder = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
        try:
            descriptor, file = tempfile.mkstemp(prefix="tenfold-", dir=folder)
        except OSError:
            return None
        try:
            _reserve(descriptor, size * room)
            return cls(file, size, room)
        except OSError:
            os.unlink(file)
            return None
        finally:
            os.close(descriptor)

    def forget(self) -> None:
        """Remove the file's name: who has mapped it keeps it, and nothing is left when they have ended."""
        with suppress(OSError):
            os.unlink(self.file)

    def of(self, rank: int, like: HostArray) -> HostArray:
        """Return the beginning of a slot as an array of the same shape and dtype."""
        return self._bytes[rank, : like.nbytes].view(like.dtype).reshape(like.shape)


def _reserve(descriptor: int, size: int) -> None:
    """Take the room now: to write where there is none would end the process later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.write(descriptor, bytes(size))
