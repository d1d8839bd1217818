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
from tenfold.runs.trial_pool import Outcome, TrialPool, raise_if_interrupted
from tenfold.zoo import digest, entry, fitted_to, measured

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.evaluate import Ledger, Trial

COLUMNS = ("model", "protocol", "trials", "accuracy", "deviation", "95 % interval of the mean")


def is_there(ledger: Ledger, trial: Trial, corpus: Corpus, epochs: int | None) -> bool:
    """Return whether the ledger holds a trial already.

    Raises
    ------
    ConfigError
        If it holds one of another network, recipe or data.
    """
    found = ledger.find(trial)
    asked = {
        "dataset_sha256": corpus.sha256,
        "epochs_planned": _planned(trial.model, epochs),
        "digest": digest(fitted_to(entry(trial.model), corpus.train), epochs),
    }
    for key, now in asked.items():
        if found is not None and found.get(key) != now:
            why = " (another network, recipe or choice)" if key == "digest" else ""
            raise ConfigError(
                f"{ledger.folder}: expected {trial.name} with {key} = {now}, found {found.get(key)}{why}; "
                "remove the old trials, or choose another folder with --results"
            )
    return found is not None


def _planned(name: str, epochs: int | None) -> int | None:
    """Return how many epochs a trial is to have; None for an ensemble and for a model fitted at once."""
    found = entry(name)
    if epochs is not None and not found.in_epochs:
        raise ConfigError(f"{name}: expected no --epochs, it is fitted at once; leave the option out")
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
