"""Trials gathered in a ledger: which are there already, the others run, all of them as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError, DataError, StorageError
from tenfold.evaluate.tables.overview import other_data
from tenfold.evaluate.wording import percent, percent_range
from tenfold.runs.models import Models
from tenfold.runs.trial_pool import Outcome, TrialPool, raise_if_interrupted
from tenfold.zoo import digest, fitted_to, measured

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.evaluate import Ledger, Trial
    from tenfold.zoo import Entry

COLUMNS = ("model", "protocol", "trials", "accuracy", "deviation", "95 % interval of the mean")


def is_there(
    ledger: Ledger, trial: Trial, corpus: Corpus, epochs: int | None, models: Models | None = None
) -> bool:
    """Return whether the ledger holds a trial already; ``models`` are those that have a name.

    Raises
    ------
    ConfigError
        If it holds one of another network, recipe or data.
    """
    found, wanted = ledger.find(trial), (models or Models()).entry(trial.model)
    asked = {
        "dataset_sha256": corpus.sha256,
        "epochs_planned": _planned(wanted, epochs),
        "digest": digest(fitted_to(wanted, corpus.train), epochs),
    }
    for key, now in asked.items():
        if found is not None and found.get(key) != now:
            why = " (another network, recipe or choice)" if key == "digest" else ""
            raise ConfigError(
                f"{ledger.folder}: expected {trial.name} with {key} = {now}, found {found.get(key)}{why}; "
                "remove the old trials, or choose another folder with --results"
            )
    return found is not None


def changed_files(ledger: Ledger, wanted: Iterable[Trial], models: Models) -> list[str]:
    """Return a line for each file of a network that has changed since trials in the ledger were run."""
    lines = []
    for trial in wanted:
        source = models.entry(trial.model).origin or {}
        before = (ledger.find(trial) or {}).get("source") or {}
        if "sha256" in before and before["sha256"] != source.get("sha256"):
            lines.append(
                f"{source.get('file')} has changed since trials of {trial.model} were run, which are kept; "
                "choose another folder with --results to run them again"
            )
    return list(dict.fromkeys(lines))


def _planned(found: Entry, epochs: int | None) -> int | None:
    """Return how many epochs a trial is to have; None for an ensemble and for a model fitted at once."""
    if epochs is not None and not found.in_epochs:
        raise ConfigError(f"{found.name}: expected no --epochs, it is fitted at once; leave the option out")
    if found.recipe is None:
        return None  # each member of an ensemble has its own; they are in the digest
    return found.recipe().epochs if epochs is None else epochs


def run_all(pool: TrialPool, ledger: Ledger, missing: Sequence[Trial]) -> list[Outcome]:
    """Run trials, each gathered as soon as it is done."""
    outcomes = []
    for outcome in pool.run(missing):
        outcomes.append(outcome)
        if outcome.ending == "done":
            with suppress(
                DataError, StorageError
            ):  # said at the end, when all is gathered again; others wait
                ledger.gather(outcome.trial.model, outcome.trial.protocol)
    raise_if_interrupted(outcomes)
    return outcomes


def trials_record(
    ledger: Ledger, wanted: Sequence[Trial], outcomes: Sequence[Outcome], files: Iterable[Path]
) -> dict[str, Any]:
    """Return what became of trials, and what the ledger holds of them, as JSON values."""
    ends = {outcome.trial: outcome for outcome in outcomes}
    rows = []
    for trial in wanted:
        outcome, figures = ends.get(trial), ledger.find(trial)
        rows.append(
            asdict(trial)
            | {
                "ending": "there" if outcome is None else outcome.ending,
                "reason": None if outcome is None else outcome.reason,
                "accuracy": None if figures is None else figures["accuracy"],
            }
        )
    return {"results": str(ledger.folder), "trials": rows, "files": [str(path) for path in files]}


def gathered_row(model: str, protocol: str, path: Path) -> tuple[str, ...]:
    """Return what a ledger's file says of a model, under `COLUMNS`."""
    found = measured(path.stem, [path.parent])
    if found is None:
        return model, protocol, "0", "-", "-", "-"
    accuracy = found.accuracy
    sd = "-" if accuracy.sd is None else f"{100 * accuracy.sd:.3f}"
    return (
        model,
        protocol,
        str(len(found.seeds)),
        percent(accuracy.mean) + other_data(found),
        sd,
        percent_range(accuracy.interval),
    )
