"""``tenfold trials NAME...``: models measured over seeds, into the ledger."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.folders import held, make_folder
from tenfold.cli.options import Data, Epochs, EvaluateTrain, Jobs, Json, Quiet
from tenfold.runs.trial_plan import Protocols, Watch, plan, refuse_watching

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.evaluate import Ledger, Trial
    from tenfold.runs.trial_display import NoWatcher
    from tenfold.runs.trial_pool import Outcome

RESULTS = Path("results")


def trials(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models of the zoo, or `all`.")],
    seeds: Annotated[
        str | None, typer.Option(metavar="0-9|0,7,12", help="By default those of the published figure.")
    ] = None,
    protocol: Annotated[
        Protocols,
        typer.Option(help="A model that chooses nothing has one, which is measured whatever stands here."),
    ] = Protocols.honest,
    jobs: Jobs = 1,
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="Only the I-th of N equal parts, for N machines. Then copy their trials/*.json into one "
            "ledger's trials/ and give the command without it.",
        ),
    ] = "1/1",
    results: Annotated[
        Path | None, typer.Option(help="The ledger's folder; by default results/.", show_default=False)
    ] = None,
    source: Data = None,
    epochs: Epochs = None,
    watch: Annotated[
        Watch | None,
        typer.Option(
            help="Evaluate the test images after each epoch, or not; nothing is chosen by them. By default "
            "under the published protocol where the authors did so. The figures are in each trial's run.",
            show_default=False,
        ),
    ] = None,
    evaluate_train: EvaluateTrain = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train models over seeds and gather their figures; what is there already is not done again."""
    from tenfold.cli.downloading import load
    from tenfold.evaluate import Ledger
    from tenfold.runs.trial_pool import TrialPool

    wanted = plan(names, seeds, protocol, shard)
    refuse_watching(wanted, watch)
    corpus = load(source or "mnist", quiet=quiet)
    ledger = Ledger(_folder(results, corpus, epochs))
    there = [trial for trial in wanted if _is_there(ledger, trial, corpus, epochs)]
    missing = [trial for trial in wanted if trial not in there]
    options = ["--data", source or "mnist", *([] if epochs is None else ["--epochs", str(epochs)])]
    options += [] if watch is None else ["--watch", watch.value]
    options += ["--evaluate-train"] if evaluate_train else []
    with held(ledger.folder, "--results") as home, closing(watcher_for(len(missing), quiet=quiet)) as watcher:
        outcomes = _run(TrialPool(ledger, home, options, jobs, watcher), ledger, missing)
    _tell(ledger, wanted, outcomes, as_json=as_json)


def watcher_for(waiting: int, *, quiet: bool) -> NoWatcher:
    """Return who shows so many trials: failures alone, a live table on a terminal, or plain lines."""
    from tenfold.runs.trial_display import LiveTrials, NoWatcher, PlainTrials

    if quiet or not waiting:
        return NoWatcher(output.error)
    return LiveTrials(waiting, output.stderr()) if sys.stderr.isatty() else PlainTrials(output.remark)


def _folder(results: Path | None, corpus: Corpus, epochs: int | None) -> Path:
    """Return the ledger's folder; figures that must not be mixed with ours do not go there unasked."""
    from tenfold.errors import ConfigError

    if results is None and (corpus.name != "mnist" or epochs is not None):
        what = "with --epochs" if corpus.name == "mnist" else f"on {corpus.name}"
        raise ConfigError(
            f"{RESULTS}/: expected whole trials on mnist, got trials {what}; choose a folder with --results"
        )
    folder = results or RESULTS
    make_folder(folder / "trials", "--results")
    return folder


def _is_there(ledger: Ledger, trial: Trial, corpus: Corpus, epochs: int | None) -> bool:
    from tenfold.errors import ConfigError
    from tenfold.zoo import digest, entry

    found = ledger.find(trial)
    asked = {
        "dataset_sha256": corpus.sha256,
        "epochs_planned": _planned(trial.model, epochs),
        "digest": digest(entry(trial.model), epochs),
    }
    for key, now in asked.items():
        if found is not None and found.get(key) != now:
            why = " (another network, recipe or choice)" if key == "digest" else ""
            raise ConfigError(
                f"{ledger.folder}: expected {trial.name} with {key} = {now}, found {found.get(key)}{why}; "
                "remove what is there, or choose another folder with --results"
            )
    return found is not None


def _planned(name: str, epochs: int | None) -> int | None:
    """Return how many epochs a trial is to have; None for an ensemble and for a model fitted at once."""
    from tenfold.errors import ConfigError
    from tenfold.zoo import entry

    found = entry(name)
    if epochs is not None and not found.in_epochs:
        raise ConfigError(f"{name}: expected no --epochs, it is fitted at once; leave the option out")
    if found.recipe is None:
        return None  # each member of an ensemble has its own; they are in the digest
    return found.recipe().epochs if epochs is None else epochs


def _run(pool: Any, ledger: Ledger, missing: Sequence[Trial]) -> list[Outcome]:
    """Run trials, each gathered as soon as it is done."""
    from tenfold.errors import DataError, StorageError
    from tenfold.runs.trial_pool import raise_if_interrupted

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


def _tell(ledger: Ledger, wanted: Sequence[Trial], outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    """Print what became of the trials and what the ledger holds now; exit accordingly."""
    from tenfold.errors import BusyError
    from tenfold.runs.trial_pool import failure_code

    kinds = dict.fromkeys((trial.model, trial.protocol) for trial in wanted)
    files = {kind: path for kind in kinds if (path := ledger.gather(*kind)) is not None}
    if as_json:
        output.emit(_record(ledger, wanted, outcomes, files.values()))
    else:
        columns = ("model", "protocol", "trials", "accuracy", "deviation", "95 % interval of the mean")
        output.table(columns, [_row(*kind, path) for kind, path in files.items()], right=(2, 3, 4))
    endings = {outcome.ending for outcome in outcomes}
    if "failed" in endings:
        raise typer.Exit(failure_code(outcomes))
    if "busy" in endings:
        raise typer.Exit(BusyError.exit_code)


def _row(model: str, protocol: str, path: Path) -> tuple[str, ...]:
    from tenfold.evaluate.wording import percent, shares
    from tenfold.zoo import measured

    found = measured(path.stem, [path.parent])
    if found is None:
        return model, protocol, "0", "-", "-", "-"
    accuracy = found.accuracy
    sd = "-" if accuracy.sd is None else output.points(accuracy.sd)
    return model, protocol, str(len(found.seeds)), percent(accuracy.mean), sd, shares(accuracy.interval)


def _record(
    ledger: Ledger, wanted: Sequence[Trial], outcomes: Sequence[Outcome], files: Iterable[Path]
) -> dict[str, Any]:
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
