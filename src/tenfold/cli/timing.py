"""``tenfold verify NAME --time``: a model timed on a quiet machine, into the ledger's folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.cli import output
from tenfold.cli.folders import make_folder
from tenfold.cli.trials import RESULTS
from tenfold.errors import BusyError, ConfigError

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.zoo import Entry


def time_model(
    entry: Entry, source: str | None, repeats: int, results: Path | None, *, quiet: bool, as_json: bool
) -> None:
    """Time a model, put the record into ``times/`` of the ledger's folder, and say what it is.

    Raises
    ------
    BusyError
        If other programs used too much of the processors meanwhile; then nothing is written.
    """
    from tenfold.cli.downloading import load
    from tenfold.evaluate.timing import put_times

    corpus = load(source or "mnist", quiet=quiet)
    if results is None and corpus.name != "mnist":
        raise ConfigError(
            f"{RESULTS}/: expected times on mnist, got {corpus.name}; choose a folder with --results"
        )
    folder = results or RESULTS
    make_folder(folder, "--results")
    record = _record(entry, corpus, repeats, folder, quiet=quiet)
    path = put_times(folder, entry.name, record)
    _tell(entry, folder, path, record, as_json=as_json)


def _record(entry: Entry, corpus: Corpus, repeats: int, folder: Path, *, quiet: bool) -> dict[str, Any]:
    """Time the model; return its times with where, when and on what they were taken."""
    from tenfold.cli.train import watcher
    from tenfold.evaluate import environment
    from tenfold.evaluate.timing import Others, timing
    from tenfold.evaluate.wording import plural
    from tenfold.machine import commit
    from tenfold.zoo import digest, measured

    others = Others()
    times = timing(entry, corpus, repeats, measured(entry.name, [folder]), [] if quiet else [watcher()])
    share = others.share()
    _refuse_busy(share)
    machine = environment()
    return {
        "machine": f"{machine.machine}, {plural(machine.cores, 'core')}",
        "cores": machine.cores,
        "others": share,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "versions": dict(machine.versions),
        "digest": digest(entry),
        "dataset": corpus.name,
        "dataset_sha256": corpus.sha256,
        **times,
    }


def _refuse_busy(share: float | None) -> None:
    from tenfold.evaluate.timing import LIMIT

    if share is not None and share > LIMIT:
        raise BusyError(
            f"--time: expected a quiet machine, other programs used {100 * share:.0f} % of its processors "
            f"(at most {100 * LIMIT:.0f} %); end them and give the command again"
        )


def _tell(entry: Entry, folder: Path, path: Path, record: dict[str, Any], *, as_json: bool) -> None:
    from tenfold.evaluate.wording import plural, seconds
    from tenfold.zoo import Duration, times

    if as_json:
        output.emit({"model": entry.name, **record, "file": str(path)})
        return
    found = times(entry, [folder])
    if found is None:
        return

    def spread(duration: Duration) -> str:
        ends = f"{seconds(duration.low)} to {seconds(duration.high)}"
        return f"{seconds(duration.median)} ({ends}, {plural(duration.repeats, 'repeat')})"

    epochs = "" if found.epochs is None else f", {plural(found.epochs, 'epoch')}"
    output.say(f"{entry.name} on {found.machine}")
    output.say(f"  training on {found.train_images:,} images{epochs}: {spread(found.train)}")
    output.say(f"  predicting {found.test_images:,} images: {spread(found.predict)}")
    if found.others is None:
        output.say("  this system does not tell what other programs used meanwhile")
    output.say(f"written to {path}")
