"""What a sharded prediction reads, with which network, and how it is cut: written before the first shard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple

import tenfold
from tenfold.checkpoint import dump_json, read_json
from tenfold.data.parts import Part
from tenfold.errors import CheckpointError, ConfigError
from tenfold.files import shown, write_atomically

MANIFEST = "_manifest.json"  # tools that read folders of tables leave out names that begin with _
_MAX_BYTES = 256 << 20
Form = Literal["csv", "parquet"]


class Shard(NamedTuple):
    """Images that get one file of answers.

    Attributes
    ----------
    number : int
    part : int
        Which of the manifest's parts they are in; 0 for pictures.
    start, stop : int
        Their places in it.
    first : int
        The place of the first one in the whole source.
    """

    number: int
    part: int
    start: int
    stop: int
    first: int


@dataclass(frozen=True)
class Manifest:
    """What is predicted, and how.

    Attributes
    ----------
    parts : tuple of Part
        The files of images; empty if the source is single pictures.
    pictures : int
        How many single pictures.
    names : str
        The SHA-256 of their names, in their order.
    shard_size : int
        At most so many images have one file of answers.
    form : str
    probabilities : bool
        Whether the answers have the probabilities of all classes.
    settings : mapping
        For processes that read pictures: the run, the network, the way.
    version : str
        Of tenfold.
    """

    parts: tuple[Part, ...]
    pictures: int
    names: str
    shard_size: int
    form: Form
    probabilities: bool
    settings: Mapping[str, Any]
    version: str = tenfold.__version__

    @property
    def images(self) -> int:
        """How many images there are."""
        return self.pictures + sum(part.images for part in self.parts)

    def shards(self) -> list[Shard]:
        """Return the shards; none goes across the end of a file."""
        found: list[Shard] = []
        first = 0
        for number, (images, group) in enumerate(self._sizes()):
            step = max(self.shard_size // group * group, 1) if group <= self.shard_size else self.shard_size
            for start in range(0, images, step):
                stop = min(start + step, images)
                found.append(Shard(len(found), number, start, stop, first + start))
            first += images
        return found

    def _sizes(self) -> Iterator[tuple[int, int]]:
        """Yield of each part how many images it has, and how many of them are best read together."""
        if self.pictures:
            yield self.pictures, 1
        for part in self.parts:
            yield part.images, part.group

    @property
    def source(self) -> str:
        """What is read, in words."""
        if not self.parts:
            return f"{self.pictures:,} pictures"
        more = f" and {len(self.parts) - 1:,} more files" if len(self.parts) > 1 else ""
        return f"{self.images:,} images of {self.parts[0].label}{more}"

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        values = asdict(self) | {"settings": dict(self.settings), "images": self.images}
        write_atomically(folder / MANIFEST, dump_json(values))

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder.

        Raises
        ------
        CheckpointError
            If it is missing or damaged.
        """
        values = read_json(folder / MANIFEST, max_bytes=_MAX_BYTES)
        try:
            known = {field.name: values[field.name] for field in fields(cls)}
            return cls(**known | {"parts": tuple(Part(**part) for part in values["parts"])})
        except (TypeError, KeyError) as error:
            raise CheckpointError(
                f"{shown(folder / MANIFEST)}: expected the manifest of a prediction, found something else; "
                "name another folder with --out"
            ) from error

    def check_same(self, begun: Manifest, folder: Path) -> None:
        """Refuse to continue a prediction that was begun with something else.

        Raises
        ------
        ConfigError
        """
        before, now = begun._facts(), self._facts()
        for what, value in before.items():
            if value != now[what]:
                raise ConfigError(
                    f"--out: expected {what} that {shown(folder)} was begun with ({_told(value)}), got "
                    f"{_told(now[what])}; name another folder"
                )
        if (begun.parts, begun.names) != (self.parts, self.names):
            changed = next(
                (now for old, now in zip(begun.parts, self.parts, strict=True) if old != now), None
            )
            which = "pictures" if changed is None else changed.label
            raise ConfigError(
                f"--out: expected the source that {shown(folder)} was begun with, found that {which} changed "
                "since; name another folder"
            )

    def _facts(self) -> dict[str, Any]:
        """What must be the same, by its name in errors."""
        way = self.settings["way"]
        return {
            "the version of tenfold": self.version,
            "the source": self.source,
            "the network": self.settings["network"],
            "--single and --digits-only": (way["single"], way["digits_only"]),
            "--max-megapixels": way["max_megapixels"],
            "--probabilities": self.probabilities,
            "--shard-format": self.form,
            "--shard-size": self.shard_size,
        }


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "with it" if value else "without it"
    if isinstance(value, tuple):
        return f"single {_told(value[0])}, digits only {_told(value[1])}"
    return shown(str(value))
