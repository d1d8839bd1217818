"""One shard computed by a process that some of its images may end: these are found by halving.

A process may also be ended by someone, or for want of memory, so a shard is tried twice before it is halved,
and an image twice before it is marked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from tenfold.errors import DataError, StorageError
from tenfold.files import storage
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.shard_file import file_name, write_joined
from tenfold.runs.sharded.shard_worker import question

PIECES = "_pieces"
ONE_BY_ONE = 64
"""So many images are not halved any more: computed one by one, each that ends the process is found."""
MOST_MARKED = 100
"""So many images may end their processes; if it is more, it is the machine that ends them."""


class Worker(Protocol):
    """A process that may end; see `LineWorker`."""

    def ask(self, question: object) -> dict[str, Any] | None:
        """Return the answer; None if the process ended instead."""


class Isolating:
    """Has shards computed by one process, which is started again when an image ended it.

    Parameters
    ----------
    folder : Path
        Of the answers.
    manifest : Manifest
    worker : Worker
        A `LineWorker` of `tenfold.runs.sharded.shard_worker`.
    name : str
        Of the command; another one may compute the same shard at the same time.

    Attributes
    ----------
    marked : int
        How many images have an error because they ended the process.
    """

    def __init__(self, folder: Path, manifest: Manifest, worker: Worker, name: str = "local") -> None:
        self._folder, self._manifest, self.worker = folder, manifest, worker
        self._pieces_folder = folder / PIECES / name
        self.marked = 0

    def write(self, shard: Shard) -> None:
        """Write the file of a shard.

        Raises
        ------
        TenfoldError
            If it cannot be computed at all.
        """
        path = self._folder / file_name(shard, self._manifest.form)
        if self._computed(shard, path) or self._computed(shard, path):
            return
        pieces = list(self._pieces(shard))
        write_joined(path, pieces, self._manifest.form)
        for piece in pieces:
            with suppress(OSError):
                piece.unlink()

    def _pieces(self, piece: Shard) -> Iterator[Path]:
        """Yield the files of all parts of a piece that ended its process."""
        size = piece.stop - piece.start
        if size <= ONE_BY_ONE:
            for place in range(size):
                yield self._image(_part(piece, place, place + 1))
            return
        for half in (_part(piece, 0, size // 2), _part(piece, size // 2, size)):
            path = self._piece_path(half)
            if path.exists() or self._computed(half, path):
                yield path
            else:
                yield from self._pieces(half)

    def _image(self, image: Shard) -> Path:
        """Return the file of one image: its answer, or an error if it ends its process twice."""
        path = self._piece_path(image)
        if not (path.exists() or self._computed(image, path) or self._computed(image, path)):
            self._mark(image, path)
        return path

    def _mark(self, image: Shard, path: Path) -> None:
        self.marked += 1
        if self.marked > MOST_MARKED:
            raise StorageError(
                f"expected at most {MOST_MARKED} images that end the process that reads them, found more",
                "see whether the machine is short of memory",
            )
        error = DataError(
            "expected an image that can be read, found one that ended the process that read it, perhaps "
            "for want of memory; scale it down or save it again"
        )
        if self.worker.ask(question(image, path, error)) is None:
            raise StorageError("expected a process that stays, found it ended", "give the command again")

    def _computed(self, piece: Shard, path: Path) -> bool:
        """Return whether the answers of a piece were written; if not, the process has ended."""
        return self.worker.ask(question(piece, path)) is not None

    def _piece_path(self, piece: Shard) -> Path:
        folder = self._pieces_folder
        with storage(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{piece.number:06d}-{piece.start}-{piece.stop}.{self._manifest.form}"


def _part(piece: Shard, start: int, stop: int) -> Shard:
    """Return the images of a piece from one place in it to another."""
    return piece._replace(start=piece.start + start, stop=piece.start + stop, first=piece.first + start)
