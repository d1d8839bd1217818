"""``tenfold tune NAME``: a search for better options of a recipe."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Cores, Data, Epochs, Jobs, Json, Memory, Minutes, Name, Network, On, Quiet
from tenfold.files.named_folders import held, make_folder
from tenfold.interrupt import end_with_stdin

if TYPE_CHECKING:
    from tenfold.runs.search import TrialResult

_IN_A_ROUND = 4  # trials at a time on a cluster: values of one round know nothing of one another


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
    name: Name = None,
    network: Network = None,
    options: Space = None,
    trials: Annotated[int, typer.Option(min=1, help="Trials in all, with those already done.")] = 20,
    source: Data = None,
    epochs: Epochs = None,
    jobs: Jobs = None,
    on: On = "local",
    cores: Cores = None,
    memory: Memory = None,
    minutes: Minutes = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed for held-out images, trainings, values.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="The folder of the search; by default one below tuning/.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search for a better learning rate, minibatch or other options on held-out images.

    The same command continues a search that was interrupted. The test images are not used.
    """
    from tenfold.checkpoint import RunLock
    from tenfold.cli.downloading import load
    from tenfold.evaluate.tuning_page import write_tuning
    from tenfold.runs.launch import Choice
    from tenfold.runs.search import best
    from tenfold.runs.search_lines import described, line
    from tenfold.runs.search_request import SearchRequest
    from tenfold.runs.tuning import default_folder, record, refuse_a_run
    from tenfold.runs.tuning import tune as run
    from tenfold.runs.tuning_rounds import Rounds

    place = Choice(on, jobs or (None if on == "local" else _IN_A_ROUND), cores, memory, minutes)
    asked = SearchRequest(name, network, options, source, epochs, seed)
    search = asked.search(partial(load, quiet=quiet))
    search.check()  # before anything is made
    out = out or default_folder(search)
    refuse_a_run(out)
    make_folder(out, "--out")

    def tell(done: TrialResult, top: TrialResult | None) -> None:
        if not quiet:
            output.remark(line(done, top, trials))

    def say(text: str) -> None:
        if not quiet:
            output.remark(text)

    with held(out, "--out"), RunLock(out):
        if place.is_serial:
            results = run(search, trials, out, tell)
        else:
            with place.launcher() as launcher:
                rounds = Rounds(
                    launcher, asked.words, place.resources(search.entry.resources), output.remark, say
                )
                results = rounds.run(search, trials, out, tell)
        told = record(search, results, out)
        page = write_tuning(told, out)
    if as_json:
        output.emit(told | {"page": str(page)})
        return
    if (top := best(results)) is None:
        output.say("no trial was completed; search smaller learning rates")
    else:
        output.say(f"best of {len(results)}: {described(top)}")
        output.say(f"train with it: {told['train']}")
    output.say(f"page {page}")


def run_search(
    values: Annotated[str, typer.Option()],
    out: Annotated[Path, typer.Option()],
    file: Annotated[Path, typer.Option()],
    name: Name = None,
    network: Network = None,
    options: Space = None,
    source: Data = None,
    epochs: Epochs = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Run one trial of a search while its stdin is open."""
    end_with_stdin()
    from tenfold.checkpoint import parse_json
    from tenfold.cli.downloading import load
    from tenfold.runs.search_request import SearchRequest
    from tenfold.runs.tuning_rounds import carry_out_search_trial

    search = SearchRequest(name, network, options, source, epochs, seed).search(partial(load, quiet=True))
    carry_out_search_trial(search, parse_json(values.encode(), where="--values"), out / file)
