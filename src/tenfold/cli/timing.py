"""``tenfold verify NAME --time``: a model timed on a quiet machine, into the results folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.cli import output
from tenfold.cli.trials import RESULTS
from tenfold.errors import ConfigError
from tenfold.files.named_folders import make_folder

if TYPE_CHECKING:
    from tenfold.zoo import Entry


def time_model(
    entry: Entry, source: str | None, repeats: int, results: Path | None, *, quiet: bool, as_json: bool
) -> None:
    """Time a model, put the record into ``times/`` of the results folder, and say what it is.

    Raises
    ------
    BusyError
        If other programs used too much of the processors meanwhile; then nothing is written.
    """
    from tenfold.cli.downloading import load
    from tenfold.cli.train import watcher
    from tenfold.evaluate.timing import put_times
    from tenfold.runs.timed import timed_record

    corpus = load(source or entry.dataset, quiet=quiet)
    if results is None and corpus.name != entry.dataset:
        raise ConfigError(
            f"{RESULTS}/: expected times on {entry.dataset}, got {corpus.name}; "
            "choose a folder with --results"
        )
    folder = results or RESULTS
    make_folder(folder, "--results")
    record = timed_record(entry, corpus, repeats, folder, [] if quiet else [watcher()])
    path = put_times(folder, entry.name, record)
    _tell(entry, folder, path, record, as_json=as_json)


def _tell(entry: Entry, folder: Path, path: Path, record: dict[str, Any], *, as_json: bool) -> None:
    from tenfold.runs.timed import times_lines
    from tenfold.zoo import times

    if as_json:
        output.emit({"model": entry.name, **record, "file": str(path)})
    elif (found := times(entry, [folder])) is not None:
        for line in times_lines(entry, found):
            output.say(line)
        output.say(f"written to {path}")
