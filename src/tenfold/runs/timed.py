"""A model timed on a quiet machine: its times, with where, when and on what they were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import BusyError, ConfigError
from tenfold.evaluate import environment
from tenfold.evaluate.timing import LIMIT, Others, put_times, timing
from tenfold.evaluate.wording import plural, seconds
from tenfold.files.named_folders import make_folder
from tenfold.machine import commit
from tenfold.runs.measuring import RESULTS
from tenfold.zoo import digest, measured, times

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.train import Callback
    from tenfold.zoo import Duration, Entry, Times


@dataclass(frozen=True)
class Timed:
    """A model's times, and the file of the results folder that has them."""

    entry: Entry
    record: dict[str, Any]
    file: Path

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return {"model": self.entry.name, **self.record, "file": str(self.file)}

    def lines(self) -> list[str]:
        """Return them in words."""
        found = times(self.entry, [self.file.parent.parent])
        return [] if found is None else [*_lines(self.entry, found), f"written to {self.file}"]


def time_model(
    entry: Entry, corpus: Corpus, repeats: int, results: Path | None, callbacks: Sequence[Callback] = ()
) -> Timed:
    """Time a model, and put its times, with where, when and on what they were taken, into a results folder.

    Raises
    ------
    BusyError
        If other programs used too much of the processors meanwhile; then nothing is written.
    ConfigError, StorageError
        If no folder is named for other data than the model's, or it cannot be made.
    """
    if results is None and corpus.name != entry.dataset:
        raise ConfigError(
            f"{RESULTS}/: expected times on {entry.dataset}, got {corpus.name}; "
            "choose a folder with --results"
        )
    folder = results or RESULTS
    make_folder(folder, "--results")
    others = Others()
    taken = timing(entry, corpus, repeats, measured(entry.name, [folder]), list(callbacks))
    share = others.share()
    _refuse_busy(share)
    machine = environment()
    record = {
        "machine": f"{machine.machine}, {plural(machine.cores, 'core')}",
        "cores": machine.cores,
        "others": share,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "versions": dict(machine.versions),
        "digest": digest(entry),
        "dataset": corpus.name,
        "dataset_sha256": corpus.sha256,
        **taken,
    }
    return Timed(entry, record, put_times(folder, entry.name, record))


def refuse_half_timed(time: bool, seed: int | None, results: Path | None) -> None:
    """Refuse options that do not go with ``--time``, or only with it.

    Raises
    ------
    ConfigError
    """
    if time and seed is not None:
        raise ConfigError("--time: expected no --seed, times do not depend on it; leave it out")
    if results is not None and not time:
        raise ConfigError(
            "--results: expected it together with --time, found it alone; add --time or remove --results"
        )


def _refuse_busy(share: float | None) -> None:
    if share is not None and share > LIMIT:
        raise BusyError(
            f"--time: expected a quiet machine, other programs used {100 * share:.0f} % of its processors "
            f"(at most {100 * LIMIT:.0f} %); end them and give the command again"
        )


def _lines(entry: Entry, found: Times) -> list[str]:
    def spread(duration: Duration) -> str:
        ends = f"{seconds(duration.low)} to {seconds(duration.high)}"
        return f"{seconds(duration.median)} ({ends}, {plural(duration.repeats, 'repeat')})"

    epochs = "" if found.epochs is None else f", {plural(found.epochs, 'epoch')}"
    lines = [
        f"{entry.name} on {found.machine}",
        f"  training on {found.train_images:,} images{epochs}: {spread(found.train)}",
        f"  predicting {found.test_images:,} images: {spread(found.predict)}",
    ]
    if found.others is None:
        lines.append("  this system does not tell what other programs used meanwhile")
    return lines
