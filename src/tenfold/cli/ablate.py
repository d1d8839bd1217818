"""``tenfold ablate FILE``: the effect of each change to a model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from tenfold.cli import options, output, progress
from tenfold.runs.protocol import Protocol


def ablate(
    file: str = typer.Argument(
        ...,
        metavar="FILE.toml",
        help="A file of your own, or one that comes with tenfold: mlp, cnn, scratch, ghouzam, lenet5.",
    ),
    network: options.Network = None,
    seeds: str | None = typer.Option(None, metavar="0-9|0,7,12", help="By default those of the base."),
    jobs: options.Jobs = None,
    on: options.On = "local",
    cores: options.Cores = None,
    memory: options.Memory = None,
    minutes: options.Minutes = None,
    protocol: options.Choices = Protocol.honest,
    out: Path | None = typer.Option(None, help="Folder of trials and page; by default one below ablations/."),
    results: options.Results = None,
    source: options.Data = None,
    epochs: options.Epochs = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train a model and changes to it over seeds; show the effect of each change."""
    from tenfold.runs.ablating import ablate as ablated
    from tenfold.runs.ablation_trials import Order
    from tenfold.runs.launch import Choice

    order = Order.of(
        file,
        network,
        partial(progress.load, quiet=quiet),
        source=source,
        seeds=seeds,
        out=out,
        protocol=protocol.value,
        epochs=epochs,
        results=results,
        place=Choice(on, jobs, cores, memory, minutes),
    )
    found = ablated(order, partial(progress.trials_watcher, quiet=quiet))
    output.tell(found.to_dict(), found.parts(), as_json=as_json, code=found.exit_code)
