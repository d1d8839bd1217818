"""``tenfold trials NAME...``: models measured over seeds, into the results folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import completion, output
from tenfold.cli.options import (
    Cores,
    Data,
    Epochs,
    EvaluateTrain,
    Jobs,
    Json,
    Memory,
    Minutes,
    Network,
    On,
    Quiet,
)
from tenfold.files.named_folders import held, make_folder
from tenfold.runs.trial_plan import Protocols, Watch, data_of, plan, refuse_watching

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.evaluate import Ledger, Trial
    from tenfold.runs.trial_display import NoWatcher
    from tenfold.runs.trial_pool import Outcome

RESULTS = Path("results")


def trials(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME...",
            autocompletion=completion.models,
            help="Models, or `all` for the zoo. Not needed with --network.",
        ),
    ] = None,
    network: Network = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="0-9|0,7,12", help="By default those of the published figure.")
    ] = None,
    protocol: Annotated[
        Protocols,
        typer.Option(
            help="A model without choices has only one protocol; it is used whatever you give here.",
        ),
    ] = Protocols.honest,
    jobs: Jobs = None,
    on: On = "local",
    cores: Cores = None,
    memory: Memory = None,
    minutes: Minutes = None,
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="Only the I-th of N equal parts, for N machines. Then copy all trials/*.json into the "
            "trials/ of one results folder and run the command without --shard.",
        ),
    ] = "1/1",
    results: Annotated[
        Path | None, typer.Option(help="The results folder; by default results/.", show_default=False)
    ] = None,
    source: Data = None,
    epochs: Epochs = None,
    watch: Annotated[
        Watch | None,
        typer.Option(
            help="Evaluate the test images after each epoch, or not; no choice depends on them. By default "
            "under the published protocol if the authors did so. The figures are in each trial's run.",
            show_default=False,
        ),
    ] = None,
    evaluate_train: EvaluateTrain = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train models over several seeds and record the results; finished trials are skipped."""
    from tenfold.cli.downloading import load
    from tenfold.evaluate import Ledger
    from tenfold.runs.launch import Choice
    from tenfold.runs.measuring import changed_files, is_there, run_all
    from tenfold.runs.models import Models
    from tenfold.runs.trial_pool import TrialPool
    from tenfold.runs.trial_units import TrialUnits

    place = Choice(on, jobs, cores, memory, minutes)
    models = Models.of(network)
    wanted = plan(models.names(names), seeds, protocol, shard, models)
    refuse_watching(wanted, watch, models)
    source = source or data_of(wanted, models)
    corpus = load(source, quiet=quiet)
    models = models.on(corpus)
    ledger = Ledger(_folder(results, corpus, epochs, own=bool(network)))
    missing = [trial for trial in wanted if not is_there(ledger, trial, corpus, epochs, models)]
    for line in changed_files(ledger, wanted, models):
        output.remark(line)
    options = ["--data", source, *([] if epochs is None else ["--epochs", str(epochs)])]
    options += [] if watch is None else ["--watch", watch.value]
    options += [*(["--evaluate-train"] if evaluate_train else []), *models.options]
    units = TrialUnits(ledger, options, place, models.entry)
    with (
        held(ledger.folder, "--results") as home,
        place.launcher() as launcher,
        closing(watcher_for(units.count(missing), quiet=quiet)) as watcher,
    ):
        pool = TrialPool(units, home, launcher, watcher)
        outcomes = run_all(pool, ledger, missing)
    _tell(ledger, wanted, outcomes, as_json=as_json)


def watcher_for(waiting: int, *, quiet: bool) -> NoWatcher:
    """Return who shows so many trials: failures alone, a live table on a terminal, or plain lines."""
    from tenfold.runs.trial_display import LiveTrials, NoWatcher, PlainTrials

    if quiet or not waiting:
        return NoWatcher(output.error)
    return LiveTrials(waiting, output.stderr()) if sys.stderr.isatty() else PlainTrials(output.remark)


def _folder(results: Path | None, corpus: Corpus, epochs: int | None, *, own: bool) -> Path:
    """Return the results folder; figures that must not be mixed with ours do not go there unasked."""
    from tenfold.errors import ConfigError

    if results is None and (own or corpus.name != "mnist" or epochs is not None):
        what = "of your own network" if own else f"on {corpus.name}" if epochs is None else "with --epochs"
        raise ConfigError(
            f"{RESULTS}/: expected whole trials on mnist, got trials {what}; choose a folder with --results"
        )
    folder = results or RESULTS
    make_folder(folder / "trials", "--results")
    return folder


def _tell(ledger: Ledger, wanted: Sequence[Trial], outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    """Print what became of the trials and what the ledger holds now; exit accordingly."""
    from tenfold.errors import BusyError
    from tenfold.runs.measuring import COLUMNS, gathered_row, trials_record
    from tenfold.runs.trial_pool import failure_code

    kinds = dict.fromkeys((trial.model, trial.protocol) for trial in wanted)
    files = {kind: path for kind in kinds if (path := ledger.gather(*kind)) is not None}
    if as_json:
        output.emit(trials_record(ledger, wanted, outcomes, files.values()))
    else:
        output.table(COLUMNS, [gathered_row(*kind, path) for kind, path in files.items()], right=(2, 3, 4))
    endings = {outcome.ending for outcome in outcomes}
    if "failed" in endings:
        raise typer.Exit(failure_code(outcomes))
    if "busy" in endings:
        raise typer.Exit(BusyError.exit_code)
