"""What is asked for on the command line: what to predict, with which network, and in which way."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.data.parts import find_parts
from tenfold.data.picture_paths import find_picture_files
from tenfold.errors import ConfigError, DataError
from tenfold.files import shown
from tenfold.runs.answers import identity, recogniser_of
from tenfold.runs.models import Models
from tenfold.runs.picture_answers import Way
from tenfold.runs.reading_options import ReadingOptions
from tenfold.runs.sharded.answers_folder import Totals
from tenfold.runs.sharded.launched import runner_of
from tenfold.runs.sharded.prediction import Prediction, Progress, Shards, Source

if TYPE_CHECKING:
    from tenfold.runs.launch import Choice

_ZOO = "zoo:"


@dataclass(frozen=True)
class Reads:
    """The network that reads, and the way of reading.

    Attributes
    ----------
    run : Path or None
        By default the built-in network reads.
    networks : sequence of str
        The user's own, as ``--network`` names them.
    way : Way
    """

    run: Path | None
    networks: Sequence[str]
    way: Way

    def settings(self, source: Source, remark: Callable[[str], None]) -> dict[str, Any]:
        """Return what other processes must know, with paths that do not depend on the current folder.

        Raises
        ------
        ConfigError
            If the options do not fit the network or the source.
        """
        recogniser, record, name = recogniser_of(self.run, Models.of(self.networks))
        options = ReadingOptions(None, None, None, False, False, False, None, self.way)
        options.check_network(recogniser.reads_digits, name)
        if source.parts and self.way.label:
            raise ConfigError(
                f"--single, --digits-only: expected pictures, got {source.parts[0].label}, whose images are "
                "classified as they are; leave them out"
            )
        remark(f"read by {name}")
        model = "shipped" if record is None else record.model
        return {
            "run": None if self.run is None else _absolute(os.fspath(self.run)),
            "networks": [os.path.abspath(one) for one in self.networks],
            "model": model,
            "network": identity(self.run, model) + self.way.label,
            "way": asdict(self.way),
        }


class PredictedSource(NamedTuple):
    """A folder of answers, as it was named, and what it holds."""

    out: Path
    totals: Totals

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"out": str(self.out), **asdict(self.totals)}

    @property
    def line(self) -> str:
        """The same in words."""
        return f"{shown(self.out)}: {self.totals.images:,} images, {self.totals.files:,} files of answers"

    @property
    def errors(self) -> list[str]:
        """What to say if images could not be read."""
        if not self.totals.errors:
            return []
        return [
            f"{shown(self.out)}: expected images that can be read, found {self.totals.errors:,} that cannot; "
            "the column error of their rows says why"
        ]


def predict_source(
    names: Sequence[str],
    reads: Reads,
    shards: Shards,
    place: Choice,
    out: Path | None,
    progress: Progress,
    remark: Callable[[str], None],
) -> PredictedSource:
    """Predict the images that names lead to, or the rest of them, into a folder of answers.

    Raises
    ------
    TenfoldError, Stopped
        If that is not possible, or a signal stops the program.
    """
    runner = runner_of(place, remark)
    if out is None:
        raise ConfigError("--on: expected --out FOLDER for the answers, got none; name a folder")
    source = find_source(names, remark)
    manifest = shards.manifest(source, reads.settings(source, remark))
    remark(f"{manifest.source} in {len(manifest.shards()):,} shards")
    prediction = Prediction(Path(os.path.abspath(out)), manifest, runner, progress)
    return PredictedSource(out, prediction.run(source.pictures, remark))


def find_source(names: Sequence[str], remark: Callable[[str], None]) -> Source:
    """Return the files of images, or the pictures, that names lead to, by absolute paths.

    Raises
    ------
    ConfigError
        If nothing is named.
    DataError
        If a name leads to nothing, or to something else.
    """
    named = [os.path.abspath(name) for name in names]
    if not named:
        raise ConfigError("--on: expected a folder, pictures or files of images, got none; name one")
    parts = find_parts(named)
    if parts is not None:
        return Source(parts=parts)
    found = find_picture_files(named)
    for _, problem in found.problems:
        raise problem
    for table in found.tables:
        raise DataError(
            f"{shown(table)}: expected pictures, IDX, .npy, .npz or Parquet with --on, got a CSV file; leave "
            "--on out, or save its images as .npy"
        )
    for note in found.notes():
        remark(f"note: {note}")
    return Source(pictures=found.files)


def refuse_with_shards(**given: object) -> None:
    """Refuse options of other ways to answer.

    Raises
    ------
    ConfigError
    """
    for name, value in given.items():
        if value not in (None, False):
            raise ConfigError(
                f"--{name.replace('_', '-')}: expected no --on, which writes nothing but shards; leave one "
                "of the two out"
            )


def _absolute(run: str) -> str:
    return run if run.startswith(_ZOO) else os.path.abspath(run)
