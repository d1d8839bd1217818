"""``tenfold trials NAME...``: models measured over seeds, into the results folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from tenfold.cli import options, output, progress
from tenfold.runs import completion
from tenfold.runs.trial_plan import Protocols, Watch, data_of, plan, refuse_watching


def trials(
    names: list[str] | None = typer.Argument(
        None,
        metavar="NAME...",
        autocompletion=completion.models,
        help="Models, or `all` for the zoo. Not needed with --network.",
    ),
    network: options.Network = None,
    seeds: str | None = typer.Option(
        None, metavar="0-9|0,7,12", help="By default those of the published figure."
    ),
    protocol: Protocols = typer.Option(
        Protocols.honest,
        help="A model without choices has only one protocol; it is used whatever you give here.",
    ),
    jobs: options.Jobs = None,
    on: options.On = "local",
    cores: options.Cores = None,
    memory: options.Memory = None,
    minutes: options.Minutes = None,
    shard: str = typer.Option(
        "1/1",
        metavar="I/N",
        help="Only the I-th of N equal parts, for N machines. Then copy all trials/*.json into the "
        "trials/ of one results folder and run the command without --shard.",
    ),
    results: Path | None = typer.Option(
        None, help="The results folder; by default results/.", show_default=False
    ),
    source: options.Data = None,
    epochs: options.Epochs = None,
    watch: Watch | None = typer.Option(
        None,
        help="Evaluate the test images after each epoch, or not; no choice depends on them. By default "
        "under the published protocol if the authors did so. The figures are in each trial's run.",
        show_default=False,
    ),
    evaluate_train: options.EvaluateTrain = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train models over several seeds and record the results; finished trials are skipped."""
    from tenfold.runs.launch import Choice
    from tenfold.runs.measuring import ledger_in, measure
    from tenfold.runs.models import Models

    place = Choice(on, jobs, cores, memory, minutes)
    models = Models.of(network)
    wanted = plan(models.names(names), seeds, protocol, shard, models)
    refuse_watching(wanted, watch, models)
    source = source or data_of(wanted, models)
    corpus = progress.load(source, quiet=quiet)
    ledger = ledger_in(results, corpus, epochs, own=bool(network))
    words = ["--data", source, *([] if epochs is None else ["--epochs", str(epochs)])]
    words += [] if watch is None else ["--watch", watch.value]
    words += ["--evaluate-train"] if evaluate_train else []
    watcher = partial(progress.trials_watcher, quiet=quiet)
    found = measure(wanted, ledger, corpus, epochs, models.on(corpus), place, words, watcher, output.remark)
    output.tell(found.to_dict(), [found.table()], as_json=as_json, code=found.exit_code)
