"""A sharded prediction from its beginning to its end, or from where it was stopped."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from tenfold.checkpoint import RunLock
from tenfold.data.parts import Part
from tenfold.errors import ConfigError
from tenfold.extras import require
from tenfold.files import shown
from tenfold.interrupt import Stopped
from tenfold.runs.sharded.answers_folder import AnswersFolder, Totals, names_digest
from tenfold.runs.sharded.manifest import Form, Manifest, Shard
from tenfold.runs.sharded.shard_reader import ShardReader
from tenfold.runs.sharded.share import missing

IMAGES_A_SHARD = 10_000
PICTURES_A_SHARD = 1_000
"""Photos take a hundred times as long as images of 28 x 28."""

Progress: TypeAlias = Callable[[int], AbstractContextManager[Callable[[int], None]]]


class Runner(Protocol):
    """Computes shards, on this machine or on others."""

    def run(self, folder: Path, manifest: Manifest, shards: Sequence[Shard]) -> Generator[int, None, None]:
        """Write the files of shards, and yield numbers of images whose answers are there."""


@dataclass(frozen=True)
class Source:
    """What is predicted: files of images, or single pictures."""

    parts: Sequence[Part] = ()
    pictures: Sequence[str] = ()


@dataclass(frozen=True)
class Shards:
    """How a source is cut and its answers are written.

    Attributes
    ----------
    size : int or None
        At most so many images have one file; by default fewer pictures than images.
    form : str
    probabilities : bool
    """

    size: int | None = None
    form: Form = "csv"
    probabilities: bool = False

    def manifest(self, source: Source, settings: dict[str, Any]) -> Manifest:
        """Return the manifest of a prediction.

        Raises
        ------
        ConfigError
            If the options do not fit the source, or pyarrow is not installed for Parquet.
        """
        if self.probabilities and source.pictures:
            raise ConfigError(
                "--probabilities: expected a file of images, as a picture may hold several digits, got "
                f"{shown(source.pictures[0])}; leave it out"
            )
        if self.form == "parquet":
            require("--shard-format parquet", "parquet", "pyarrow")
        usual = IMAGES_A_SHARD if source.parts else PICTURES_A_SHARD
        return Manifest(
            tuple(source.parts),
            len(source.pictures),
            names_digest(source.pictures),
            self.size or usual,
            self.form,
            self.probabilities,
            settings,
        )


@dataclass(frozen=True)
class Prediction:
    """A prediction.

    Attributes
    ----------
    folder : Path
    manifest : Manifest
    runner : Runner
    progress : callable
        Given the number of images, returns a context with what is told each number that was read.
    """

    folder: Path
    manifest: Manifest
    runner: Runner
    progress: Progress

    def run(self, pictures: Sequence[str], remark: Callable[[str], None]) -> Totals:
        """Compute what is left.

        Raises
        ------
        Stopped
            If a signal stops the program; the message says how to continue.
        BusyError
            If another process leads the same prediction.
        """
        with RunLock(self.folder):
            answers = AnswersFolder(self.folder, self.manifest)
            left = answers.begin(pictures)
            todo = sum(shard.stop - shard.start for shard in left)
            if todo < self.manifest.images:
                done = f"{self.manifest.images - todo:,} of {self.manifest.images:,}"
                remark(f"{shown(self.folder)}: {done} images are done")
            if left:
                ShardReader(self.folder, self.manifest).check()
                self._compute(left, todo)
            return answers.finish()

    def _compute(self, left: Sequence[Shard], todo: int) -> None:
        with (
            self.progress(todo) as done,
            closing(self.runner.run(self.folder, self.manifest, left)) as counts,
        ):
            try:
                for count in counts:
                    done(count)
            except KeyboardInterrupt as stopped:
                left = missing(self.folder, self.manifest)
                total, todo = self.manifest.images, sum(shard.stop - shard.start for shard in left)
                done_now = f"{total - todo:,} of {total:,} images are in {shown(self.folder)}"
                raise Stopped(
                    f"interrupted, {done_now}; the same command reads the others",
                    getattr(stopped, "number", signal.SIGINT),
                ) from stopped
