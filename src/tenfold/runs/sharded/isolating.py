"""One shard computed by a process that one of its images may end: that image is found by halving.

A process may also be ended by someone, or for want of memory, so a shard is tried twice before it is halved,
and an image twice before it is marked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tenfold.errors import DataError, StorageError
from tenfold.files import storage
from tenfold.runs.line_worker import LineWorker
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.shard_file import file_name, write_joined
from tenfold.runs.sharded.shard_worker import question

PIECES = "_pieces"
MOST_MARKED = 100
"""So many images may end their processes; if it is more, it is the machine that ends them."""


class Isolating:
    """Has shards computed by one process, which is started again when an image ended it.

    Parameters
    ----------
    folder : Path
        Of the answers.
    manifest : Manifest
    worker : LineWorker
        See `tenfold.runs.sharded.shard_worker`.

    Attributes
    ----------
    marked : int
        How many images have an error because they ended the process.
    """

    def __init__(self, folder: Path, manifest: Manifest, worker: LineWorker) -> None:
        self._folder, self._manifest, self.worker = folder, manifest, worker
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
        if piece.stop - piece.start == 1:
            yield self._last_try(piece)
            return
        middle = (piece.start + piece.stop) // 2
        for half in (
            piece._replace(stop=middle),
            piece._replace(start=middle, first=piece.first + middle - piece.start),
        ):
            path = self._piece_path(half)
            if path.exists() or self._computed(half, path):
                yield path
            else:
                yield from self._pieces(half)

    def _last_try(self, image: Shard) -> Path:
        path = self._piece_path(image)
        if not self._computed(image, path):
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
        return path

    def _computed(self, piece: Shard, path: Path) -> bool:
        """Return whether the answers of a piece were written; if not, the process has ended."""
        return self.worker.ask(question(piece, path)) is not None

    def _piece_path(self, piece: Shard) -> Path:
        folder = self._folder / PIECES
        with storage(folder):
            folder.mkdir(exist_ok=True)
        return folder / f"{piece.number:06d}-{piece.start}-{piece.stop}.{self._manifest.form}"
