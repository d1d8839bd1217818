"""The folder of a sharded prediction: its manifest, the names of its pictures, its shards, its end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tenfold.checkpoint import dump_json
from tenfold.errors import ConfigError, DataError
from tenfold.files import is_temporary, shown, storage, sweep, write_atomically
from tenfold.files.temporary import remove
from tenfold.runs.launch.carried import LAUNCHED
from tenfold.runs.sharded.isolating import PIECES
from tenfold.runs.sharded.manifest import MANIFEST, Manifest, Shard
from tenfold.runs.sharded.shard_file import counted, file_name
from tenfold.runs.sharded.shard_reader import NAMES
from tenfold.runs.sharded.share import CLAIMS, SHARES, forget_claims, missing

SUCCESS = "_SUCCESS"
LOCK = ".lock"


@dataclass(frozen=True)
class Totals:
    """What a finished prediction holds: images, those of them with an error, and files."""

    images: int
    errors: int
    files: int


class AnswersFolder:
    """The folder of one prediction, which this process alone leads.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest

    def begin(self, pictures: Sequence[str]) -> list[Shard]:
        """Write the manifest, or compare it with the one that is there; return the shards that are left.

        Parameters
        ----------
        pictures : sequence of str
            Single pictures, if the source is these.

        Raises
        ------
        ConfigError
            If the folder belongs to another prediction, or holds something else.
        """
        with storage(self.folder):
            if (self.folder / MANIFEST).exists():
                self.manifest.check_same(Manifest.read(self.folder), self.folder)
            else:
                self._check_empty()
                self._write_names(pictures)
                self.manifest.write(self.folder)
            forget_claims(self.folder)
            left = missing(self.folder, self.manifest)
            if left:
                (self.folder / SUCCESS).unlink(missing_ok=True)
        return left

    def finish(self) -> Totals:
        """Count the rows of all shards, and write the file that says that nothing is missing.

        Raises
        ------
        DataError
            If a shard's file does not have one row for each image.
        """
        shards = self.manifest.shards()
        errors = 0
        for shard in shards:
            rows, wrong = counted(self._path(shard), self.manifest.form)
            wanted = shard.stop - shard.start
            if rows != wanted:
                raise DataError(
                    f"{shown(self._path(shard))}: expected {wanted:,} rows, found {rows:,}; remove it and "
                    "give the command again"
                )
            errors += wrong
        totals = Totals(self.manifest.images, errors, len(shards))
        told = {"images": totals.images, "errors": errors, "files": totals.files}
        with storage(self.folder):
            sweep(self.folder)  # nobody else writes there any more
            for name in (PIECES, CLAIMS, SHARES, LAUNCHED):  # the last one of a command that was killed
                remove(self.folder / name)
        write_atomically(
            self.folder / SUCCESS, dump_json(told | {"network": self.manifest.settings["network"]})
        )
        return totals

    def _path(self, shard: Shard) -> Path:
        return self.folder / file_name(shard, self.manifest.form)

    def _check_empty(self) -> None:
        names = set(os.listdir(self.folder)) - {LOCK, NAMES}
        others = sorted(name for name in names if not is_temporary(name))
        if others:
            raise ConfigError(
                f"--out: expected a new folder, or one with the answers of such a command, got "
                f"{shown(self.folder)}, which holds {shown(others[0])}; name another folder"
            )

    def _write_names(self, pictures: Sequence[str]) -> None:
        """Write the names of the pictures of each shard into a file, so that no process holds all of them."""
        if not pictures:
            return
        folder = self.folder / NAMES
        folder.mkdir(exist_ok=True)
        for shard in self.manifest.shards():
            names = b"\0".join(map(os.fsencode, pictures[shard.start : shard.stop]))
            write_atomically(folder / f"{shard.number:06d}", names)


def names_digest(pictures: Sequence[str]) -> str:
    """Return the SHA-256 of names in their order."""
    sha = hashlib.sha256()
    for name in pictures:
        sha.update(os.fsencode(name) + b"\0")
    return sha.hexdigest()
