"""``tenfold tune NAME``: a search for better options of a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Epochs, Json, Name, Network, Quiet
from tenfold.files.named_folders import held, make_folder

if TYPE_CHECKING:
    from tenfold.runs.tuning import TrialResult


def tune(
    name: Name = None,
    network: Network = None,
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--search",
            metavar="NAME=VALUES",
            help="An option to search, with its values: learning_rate=1e-4..1e-2:log, batch_size=32,64,128, "
            "network.fc1.c_out=50..200; may be given several times. By default the learning rate and the "
            "minibatch.",
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Trials in all, with those already done.")] = 20,
    source: Data = None,
    epochs: Epochs = None,
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
    from tenfold.runs.models import Models
    from tenfold.runs.search_space import Option, default_space
    from tenfold.runs.tuning import Search, best, default_folder, record, refuse_a_run, searchable
    from tenfold.runs.tuning import tune as run

    models = Models.of(network)
    found, recipe = searchable(models.trainable(models.name(name)))
    space = tuple(map(Option.parse, options or ())) or default_space(recipe)
    corpus = load(source or found.source, quiet=quiet)
    search = Search(models.on(corpus).fitted(found), corpus, space, seed, epochs, source)
    search.check()  # before anything is made
    out = out or default_folder(search)
    refuse_a_run(out)
    make_folder(out, "--out")

    def tell(done: TrialResult, top: TrialResult | None) -> None:
        if not quiet:
            output.remark(line(done, top, trials))

    with held(out, "--out"), RunLock(out):
        results = run(search, trials, out, tell)
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


def line(done: TrialResult, top: TrialResult | None, trials: int) -> str:
    """Return one line for a finished trial."""
    leading = "" if top is None or top == done else f"; best: trial {top.number + 1}, {top.accuracy:.2%}"
    return f"trial {done.number + 1} of {trials}: {described(done)}{leading}"


def described(one: TrialResult) -> str:
    """Return a trial's accuracy and its values."""
    values = ", ".join(f"{name.removeprefix('recipe.')} {shown(x)}" for name, x in one.values.items())
    accuracy = "diverged" if one.accuracy is None else f"{one.accuracy:.2%} of the held-out images"
    ending = f", {one.state} after epoch {one.epochs}" if one.state == "stopped early" else ""
    return f"{accuracy}{ending} ({values})"


def shown(value: object) -> str:
    """Return a value with at most three significant digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)
