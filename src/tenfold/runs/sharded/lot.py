"""Many shards that one command computes, so that it loads its network and its engine once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tenfold.checkpoint import dump_json
from tenfold.errors import ConfigError
from tenfold.files import make_subfolder, shown, write_atomically
from tenfold.runs.sharded.manifest import MANIFEST, Manifest
from tenfold.runs.sharded.shard_file import file_name
from tenfold.runs.sharded.shard_pool import ShardPool

LOTS = "_lots"
_DONE = "images_done"


class Lot(NamedTuple):
    """Shards from one number to another, the last one included."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """Its name, which `Lot.of` reads."""
        return f"{self.first}-{self.last}"

    @property
    def file(self) -> str:
        """Where its file is in the folder of the answers: it says that the lot is done."""
        return f"{LOTS}/{self.name}.json"

    @classmethod
    def of(cls, name: str) -> Lot:
        """Return the lot of a name such as ``0-63``.

        Raises
        ------
        ConfigError
            If it is another text.
        """
        first, _, last = name.partition("-")
        if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
            raise ConfigError(f"expected shards such as 0-63, got {shown(name)}; correct it")
        return cls(int(first), int(last))


def compute_lot(folder: Path, lot: Lot, jobs: int, say: Callable[[dict[str, Any]], None]) -> None:
    """Write the files of a lot's shards that are not there, and then the file of the lot.

    Parameters
    ----------
    folder : Path
        Of the answers, which the leading command has begun.
    lot : Lot
    jobs : int
        How many processes.
    say : callable
        Told how many images have answers by now, as `done_in` reads it.

    Raises
    ------
    ConfigError
        If the folder is not seen by this machine.
    """
    if not (folder / MANIFEST).is_file():
        raise ConfigError(
            f"--out: expected a folder that every machine sees, found no {MANIFEST} in {shown(folder)} on "
            "this one; name a folder on a shared disk"
        )
    manifest = Manifest.read(folder)
    shards = [shard for shard in manifest.shards() if lot.first <= shard.number <= lot.last]
    left = [shard for shard in shards if not (folder / file_name(shard, manifest.form)).is_file()]
    images = sum(shard.stop - shard.start for shard in set(shards).difference(left))
    say({_DONE: images})
    with ShardPool(folder, manifest, max(1, min(jobs, len(left)))) as pool:
        for shard in pool.run(left):
            images += shard.stop - shard.start
            say({_DONE: images})
    make_subfolder(folder / LOTS)
    done = {"shards": len(shards), "engines": sorted(pool.engines)}
    write_atomically(folder / lot.file, dump_json(done))


def done_in(report: dict[str, Any]) -> int:
    """Return how many images of a lot are done, as its command reports."""
    found = report.get(_DONE, 0)
    return found if isinstance(found, int) else 0
