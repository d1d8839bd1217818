"""What one of several commands computes of a prediction: whichever shards no other has begun.

A command claims a shard by a file before it computes it. When all are claimed, it computes those that are
still missing: the command that claimed them may have been lost. So claims only save work, and no machine
waits for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json
from tenfold.errors import ConfigError
from tenfold.files import create, make_subfolder, shown, storage, write_atomically
from tenfold.files.temporary import remove
from tenfold.runs.sharded.manifest import MANIFEST, Manifest, Shard
from tenfold.runs.sharded.shard_file import file_name
from tenfold.runs.sharded.shard_pool import ShardPool

CLAIMS, SHARES = "_claims", "_shares"
_DONE = "images_done"


@dataclass(frozen=True)
class Share:
    """One of several commands: the ``number``-th, from 1, of ``count``."""

    number: int
    count: int

    @property
    def name(self) -> str:
        """Its name, which `Share.of` reads."""
        return f"{self.number}-of-{self.count}"

    @property
    def file(self) -> str:
        """Where its file is in the folder of the answers: it says that nothing was left to do."""
        return f"{SHARES}/{self.name}.json"

    @classmethod
    def of(cls, name: str) -> Share:
        """Return the share of a name such as ``1-of-8``.

        Raises
        ------
        ConfigError
            If it is another text.
        """
        number, _, count = name.partition("-of-")
        if not all(one.isascii() and one.isdigit() for one in (number, count)):
            raise ConfigError(f"expected a share such as 1-of-8, got {shown(name)}; correct it")
        return cls(int(number), int(count))

    def left(self, folder: Path, manifest: Manifest) -> Iterator[Shard]:
        """Yield shards to compute: first those that nobody has claimed, then those that are missing."""
        every = self._from_own_place(manifest.shards())
        for shard in every:
            if not _is_there(folder, manifest, shard) and self._claims(folder, shard):
                yield shard
        for shard in every:
            if not _is_there(folder, manifest, shard):
                yield shard

    def _from_own_place(self, shards: Sequence[Shard]) -> list[Shard]:
        """Return shards in an order that begins elsewhere for each command."""
        place = len(shards) * (self.number - 1) // self.count
        return [*shards[place:], *shards[:place]]

    def _claims(self, folder: Path, shard: Shard) -> bool:
        path = folder / CLAIMS / f"{shard.number:06d}"
        with storage(path):
            try:
                create(path).close()
            except FileExistsError:
                return False
            except FileNotFoundError:  # the prediction has been finished meanwhile
                return True
            return True


def compute_share(folder: Path, share: Share, jobs: int, say: Callable[[dict[str, Any]], None]) -> None:
    """Compute shards until all have their files.

    Parameters
    ----------
    folder : Path
        Of the answers, which the leading command has begun.
    share : Share
    jobs : int
        How many processes.
    say : callable
        Told how many images this command has computed, as `done_in` reads it.

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
    make_subfolder(folder / CLAIMS)
    images = 0
    with ShardPool(folder, manifest, jobs, share.name) as pool:
        for shard in pool.run(share.left(folder, manifest)):
            images += shard.stop - shard.start
            say({_DONE: images})
    make_subfolder(folder / SHARES)
    done = {"images": images, "engines": sorted(pool.engines)}
    write_atomically(folder / share.file, dump_json(done))


def forget_claims(folder: Path) -> None:
    """Remove the claims of commands that may have been lost; those that run continue, and claim others."""
    for path in (folder / CLAIMS).glob("*"):
        remove(path)


def done_in(report: dict[str, Any]) -> int:
    """Return how many images a command has computed, as it reports."""
    found = report.get(_DONE, 0)
    return found if isinstance(found, int) else 0


def missing(folder: Path, manifest: Manifest) -> list[Shard]:
    """Return the shards that have no file."""
    return [shard for shard in manifest.shards() if not _is_there(folder, manifest, shard)]


def _is_there(folder: Path, manifest: Manifest, shard: Shard) -> bool:
    return (folder / file_name(shard, manifest.form)).is_file()
