"""Memory that the processes of one machine share, with a slot for each."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Self

import numpy as np

from tenfold.files import mapped, new_mapped, remove_mapped
from tenfold.train.executor import HostArray


class Slots:
    """Room for an array of each process, in a file that all of them map.

    Parameters
    ----------
    file : path
    size : int
        How many slots.
    room : int
        Bytes of each.
    memory : mmap, optional
        The file's, where it is mapped already.
    """

    def __init__(self, file: Path | str, size: int, room: int, memory: mmap.mmap | None = None) -> None:
        self._map = mapped(file, size * room) if memory is None else memory
        self._bytes = np.frombuffer(self._map, np.uint8).reshape(size, room)
        self.file, self.size, self.room = str(file), size, room

    @classmethod
    def new(cls, size: int, room: int) -> Self | None:
        """Return slots in a new file; None where there is no room for it."""
        try:
            file, memory = new_mapped(size * room)
        except OSError:
            return None
        return cls(file, size, room, memory)

    def forget(self) -> None:
        """Remove the file's name: who has mapped it keeps it, and nothing is left when they have ended."""
        remove_mapped(Path(self.file))

    def of(self, rank: int, like: HostArray) -> HostArray:
        """Return the beginning of a slot as an array of the same shape and dtype."""
        return self._bytes[rank, : like.nbytes].view(like.dtype).reshape(like.shape)
