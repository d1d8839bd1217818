"""Computes the answers of a shard, or of a piece of one, and writes its file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import tenfold
from tenfold.errors import ConfigError, DataError
from tenfold.files import read_bounded, shown
from tenfold.runs.answers import identity, recogniser_of
from tenfold.runs.models import Models
from tenfold.runs.picture_answers import PictureAnswers, Way
from tenfold.runs.sharded.columns import Column, Row
from tenfold.runs.sharded.image_rows import ImageRows
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.picture_rows import PictureRows
from tenfold.runs.sharded.shard_file import write_rows

NAMES = "_names"
_NAMES_BYTES = 1 << 30


class ShardReader:
    """Reads shards of one prediction, with its network.

    Parameters
    ----------
    folder : Path
        Of the answers; the names of pictures are there too.
    manifest : Manifest

    Raises
    ------
    ConfigError
        If it was begun by another version of tenfold, or the network is another one now.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        settings, self._folder, self._manifest = manifest.settings, folder, manifest
        _check_version(manifest, folder)
        run = None if settings["run"] is None else Path(settings["run"])
        recogniser, _, _ = recogniser_of(run, Models.of(settings["networks"]))
        way = Way(**settings["way"])
        network = identity(run, settings["model"]) + way.label
        if network != settings["network"]:
            raise ConfigError(
                f"--run: expected the network that {shown(folder)} was begun with "
                f"({shown(settings['network'])}), got {shown(network)}; begin again with another --out"
            )
        self._images = ImageRows(recogniser, probabilities=manifest.probabilities)
        self._pictures = PictureRows(PictureAnswers(recogniser, settings["model"], network, way=way))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the answers."""
        return self._images.columns if self._manifest.parts else self._pictures.columns

    def check(self) -> None:
        """Refuse images that the network does not take; see `ImageRows.check`."""
        if self._manifest.parts:
            self._images.check(self._manifest.parts)

    def write(self, path: Path, piece: Shard) -> None:
        """Write the answers of a shard, or of a part of it with the same number."""
        write_rows(path, self.columns, list(self._rows(piece)), self._manifest.form)

    def write_error(self, path: Path, piece: Shard, error: DataError) -> None:
        """Write a row with an error for each image."""
        count = piece.stop - piece.start
        if self._manifest.parts:
            files = [self._manifest.parts[piece.part].label] * count
        else:
            files = [*map(shown, names_of(self._folder, piece, self._manifest))]
        rows = [_error_row(self.columns, piece, file, i, error) for i, file in enumerate(files)]
        write_rows(path, self.columns, rows, self._manifest.form)

    def _rows(self, piece: Shard) -> Iterator[Row]:
        if self._manifest.parts:
            part = self._manifest.parts[piece.part]
            return self._images.rows(part, piece.start, piece.stop, piece.first)
        return self._pictures.rows(names_of(self._folder, piece, self._manifest), piece.first)


def _error_row(columns: Sequence[Column], piece: Shard, file: str, i: int, error: DataError) -> Row:
    known = {"index": piece.first + i, "file": file, "row": piece.start + i, "error": str(error)}
    return tuple(known.get(column.name) for column in columns)


def _check_version(manifest: Manifest, folder: Path) -> None:
    if manifest.version != tenfold.__version__:
        raise ConfigError(
            f"{shown(folder)}: expected tenfold {manifest.version}, which began it, found tenfold "
            f"{tenfold.__version__}; install one version on all machines"
        )


def names_of(folder: Path, piece: Shard, manifest: Manifest) -> list[str]:
    """Return the names of pictures."""
    content = read_bounded(folder / NAMES / f"{piece.number:06d}", _NAMES_BYTES, DataError)
    begin = piece.number * manifest.shard_size
    names = content.split(b"\0")[piece.start - begin : piece.stop - begin]
    return [os.fsdecode(name) for name in names]
