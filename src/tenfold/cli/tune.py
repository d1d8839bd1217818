"""``tenfold tune NAME``: a search for better options of a recipe."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tenfold.cli import options, output, progress
from tenfold.interrupt import end_with_stdin

Space = Annotated[
    list[str] | None,
    typer.Option(
        "--search",
        metavar="NAME=VALUES",
        help="An option to search, with its values: learning_rate=1e-4..1e-2:log, batch_size=32,64,128, "
        "network.fc1.c_out=50..200; may be given several times. By default the learning rate and the "
        "minibatch.",
    ),
]


def tune(
    name: options.Name = None,
    network: options.Network = None,
    space: Space = None,
    trials: int = typer.Option(20, min=1, help="Trials in all, with those already done."),
    source: options.Data = None,
    epochs: options.Epochs = None,
    jobs: options.Jobs = None,
    on: options.On = "local",
    cores: options.Cores = None,
    memory: options.Memory = None,
    minutes: options.Minutes = None,
    seed: int = typer.Option(0, min=0, help="The seed for held-out images, trainings, values."),
    out: Path | None = typer.Option(None, help="The folder of the search; by default one below tuning/."),
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Search for a better learning rate, minibatch or other options on held-out images.

    The same command continues a search that was interrupted. The test images are not used.
    """
    from tenfold.runs.launch import Choice
    from tenfold.runs.search_request import SearchRequest
    from tenfold.runs.searching import carry_out_search

    found = carry_out_search(
        SearchRequest(name, network, space, source, epochs, seed),
        trials,
        out,
        Choice(on, jobs, cores, memory, minutes),
        partial(progress.load, quiet=quiet),
        notice=output.remark,
        say=output.silent if quiet else output.remark,
    )
    output.tell(found.to_dict(), found.lines(), as_json=as_json)


def run_search(
    values: str = typer.Option(...),
    out: Path = typer.Option(...),
    file: Path = typer.Option(...),
    name: options.Name = None,
    network: options.Network = None,
    space: Space = None,
    source: options.Data = None,
    epochs: options.Epochs = None,
    seed: int = typer.Option(0, min=0),
) -> None:
    """Run one trial of a search while its stdin is open."""
    end_with_stdin()
    from tenfold.checkpoint import parse_json
    from tenfold.runs.search_request import SearchRequest
    from tenfold.runs.tuning_rounds import carry_out_search_trial

    search = SearchRequest(name, network, space, source, epochs, seed).search(
        partial(progress.load, quiet=True)
    )
    carry_out_search_trial(search, parse_json(values.encode(), where="--values"), out / file)
