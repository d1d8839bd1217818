"""``tenfold ablate FILE``: the effect of each change to a model."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import (
    Choices,
    Cores,
    Data,
    Epochs,
    Jobs,
    Json,
    Memory,
    Minutes,
    Network,
    On,
    Quiet,
    Results,
)
from tenfold.files.named_folders import held, make_folder
from tenfold.runs.protocol import Protocol

if TYPE_CHECKING:
    from tenfold.evaluate.ablation import AblationResult
    from tenfold.runs.ablation_trials import Order
    from tenfold.runs.trial_pool import Outcome


def ablate(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE.toml",
            help="A file of your own, or one that comes with tenfold: mlp, cnn, scratch, ghouzam, lenet5.",
        ),
    ],
    network: Network = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="0-9|0,7,12", help="By default those of the base.")
    ] = None,
    jobs: Jobs = None,
    on: On = "local",
    cores: Cores = None,
    memory: Memory = None,
    minutes: Minutes = None,
    protocol: Choices = Protocol.honest,
    out: Annotated[
        Path | None, typer.Option(help="Folder of trials and page; by default one below ablations/.")
    ] = None,
    results: Results = None,
    source: Data = None,
    epochs: Epochs = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a model and changes to it over seeds; show the effect of each change."""
    from tenfold.cli.downloading import load
    from tenfold.evaluate import ablation as units
    from tenfold.evaluate.ablation_page import write_ablation
    from tenfold.runs.ablation_trials import (
        Order,
        contender,
        default_folder,
        digests,
        order_command,
        refuse_equal,
        train_images,
    )
    from tenfold.runs.launch import Choice
    from tenfold.runs.models import Models
    from tenfold.runs.trial_plan import parse_seeds
    from tenfold.runs.trial_pool import failure_code

    models = Models.of(network)
    models.ablation(file)  # an error in it comes before the data
    corpus = load(source or "mnist", quiet=quiet)
    models = models.on(corpus)
    ablation = models.ablation(file)
    order = Order(
        file=file,
        ablation=ablation,
        corpus=corpus,
        source=source or "mnist",
        seeds=ablation.variants[0].entry.seeds if seeds is None else tuple(parse_seeds(seeds)),
        protocol=protocol.value,
        epochs=epochs,
        results=results,
        out=out or default_folder(file),
        place=Choice(on, jobs, cores, memory, minutes),
        models=models,
    )
    refuse_equal(order)
    make_folder(order.out / "links", "--out")
    outcomes = _train(order, quiet=quiet)
    failed = sum(outcome.ending != "done" for outcome in outcomes)
    links = ablation.variants
    result = units.effects(
        ablation,
        [contender(order, link) for link in links],
        [train_images(order, link) for link in links],
    )
    page = write_ablation(result, order.out, order_command(order))
    found = result.to_dict() | {"protocol": order.protocol, "epochs": order.epochs}
    found["digests"] = digests(order)
    units.put_record(order.out, found)
    if as_json:
        output.emit(found | {"failed": failed, "page": str(page)})
    else:
        _show(result)
        output.say(f"page {page}")
    if failed:
        raise typer.Exit(failure_code(outcomes))


def _train(order: Order, *, quiet: bool) -> list[Outcome]:
    """Run the trials that are missing; return what became of them."""
    from tenfold.cli.trials import watcher_for
    from tenfold.runs.ablation_trials import missing, run, units_of
    from tenfold.runs.trial_pool import raise_if_interrupted

    todo = missing(order)
    waiting = sum(units_of(order, place).count(trials) for place, trials in todo)
    with (
        held(order.out, "--out") as home,
        order.place.launcher() as launcher,
        closing(watcher_for(waiting, quiet=quiet)) as watcher,
    ):
        outcomes = list(run(order, todo, home, launcher, watcher))
    raise_if_interrupted(outcomes)
    return outcomes


def _show(result: AblationResult) -> None:
    from tenfold.evaluate.ablation import effect_rows, heads

    against = "the one before" if result.ablation.chain else "the base"
    output.say(f"{result.ablation.title}: each compared with {against}, in points")
    names = heads(result)
    output.table(names, effect_rows(result), right=range(1, len(names) - 1))
    if result.ablation.is_published and result.ablation.source:
        output.say(f"published: {result.ablation.source}")
    for note in result.notes:
        output.say(note)
