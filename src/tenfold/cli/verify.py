"""``tenfold verify NAME``: one seed trained and held against the model's acceptance band, or its times."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Name, Network, Quiet
from tenfold.runs.protocol import Protocol

if TYPE_CHECKING:
    from tenfold.evaluate import Evaluation
    from tenfold.runs.job import Job


def verify(
    name: Name = None,
    network: Network = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="By default the first seed of the published figure.")
    ] = None,
    least: Annotated[
        float | None,
        typer.Option(
            "--at-least",
            min=0,
            max=1,
            metavar="0.98",
            help="The accuracy for PASS, as a fraction; needed for a network without a published figure, and "
            "for data other than MNIST.",
        ),
    ] = None,
    time: Annotated[
        bool,
        typer.Option(
            "--time",
            help="Time it instead: training and prediction, warm, several times, with all cores of a quiet "
            "machine; the figures go into the results folder.",
        ),
    ] = False,
    repeats: Annotated[
        int,
        typer.Option(min=1, help="With --time: the number of times that training and prediction are timed."),
    ] = 3,
    results: Annotated[
        Path | None,
        typer.Option(help="With --time: the results folder; by default results/.", show_default=False),
    ] = None,
    source: Data = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a model once as its authors did; print PASS if its accuracy is high enough, otherwise FAIL."""
    from tenfold.cli.downloading import load
    from tenfold.cli.timing import time_model
    from tenfold.errors import ConfigError
    from tenfold.runs.job import Job
    from tenfold.runs.models import Models
    from tenfold.runs.verified import refuse_without_bound, verified

    models = Models.of(network)
    found = models.entry(models.name(name))
    if time and seed is not None:
        raise ConfigError("--time: expected no --seed, times do not depend on it; leave it out")
    if results is not None and not time:
        raise ConfigError(
            "--results: expected it together with --time, found it alone; add --time or remove --results"
        )
    if time:
        time_model(found, source, repeats, results, quiet=quiet, as_json=as_json)
        return
    refuse_without_bound(found, least)
    corpus = load(source or found.dataset, quiet=quiet)
    if corpus.name != found.dataset and least is None:
        raise ConfigError(
            f"expected {found.dataset}, for which the acceptance bands are, got {corpus.name}; name it, or "
            "give the accuracy for PASS with --at-least"
        )
    found = models.on(corpus).entry(found.name)
    with tempfile.TemporaryDirectory() as folder:
        first = found.seeds[0] if seed is None else seed
        job = Job(found, corpus, Protocol(found.protocols[0]), first, None, Path(folder) / "run")
        evaluation = _evaluation(job, quiet=quiet)
    record = verified(found, job, evaluation, least)
    _tell(record, as_json=as_json)
    if not record["passed"]:
        raise typer.Exit(1)


def _evaluation(job: Job, *, quiet: bool) -> Evaluation:
    """Train and judge; nothing is kept."""
    from tenfold.cli.train import watcher
    from tenfold.runs.folder import claimed
    from tenfold.runs.pipeline import carry_out
    from tenfold.train.sanity_checks import nothing_kept

    with nothing_kept(), claimed(job, resume=False) as lock:
        done = carry_out(job, lock, callbacks=[] if quiet else [watcher()], notice=output.remark)
    return done.evaluation


def _tell(record: dict[str, Any], *, as_json: bool) -> None:
    from tenfold.runs.verified import verified_lines

    if as_json:
        output.emit(record)
        return
    for line in verified_lines(record):
        output.say(line)
