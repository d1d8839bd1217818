"""``tenfold verify NAME``: one seed trained and held against the model's acceptance band, or its times."""

from __future__ import annotations

from pathlib import Path

import typer

from tenfold.cli import options, output, progress


def verify(
    name: options.Name = None,
    network: options.Network = None,
    seed: int | None = typer.Option(None, min=0, help="By default the first seed of the published figure."),
    least: float | None = typer.Option(
        None,
        "--at-least",
        min=0,
        max=1,
        metavar="0.98",
        help="The accuracy for PASS, as a fraction; needed for a network without a published figure, and "
        "for data other than MNIST.",
    ),
    time: bool = typer.Option(
        False,
        "--time",
        help="Time it instead: training and prediction, warm, several times, with all cores of a quiet "
        "machine; the figures go into the results folder.",
    ),
    repeats: int = typer.Option(
        3, min=1, help="With --time: the number of times that training and prediction are timed."
    ),
    results: Path | None = typer.Option(
        None, help="With --time: the results folder; by default results/.", show_default=False
    ),
    source: options.Data = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train a model once as its authors did; print PASS if its accuracy is high enough, otherwise FAIL."""
    from tenfold.runs.models import Models
    from tenfold.runs.timed import refuse_half_timed, time_model
    from tenfold.runs.verified import refuse_without_bound, verified, verified_lines

    models = Models.of(network)
    found = models.entry(models.name(name))
    refuse_half_timed(time, seed, results)
    if not time:
        refuse_without_bound(found, least)
    corpus = progress.load(source or found.dataset, quiet=quiet)
    watchers = progress.training_watchers(quiet=quiet)
    if time:
        timed = time_model(found, corpus, repeats, results, watchers)
        output.tell(timed.to_dict(), timed.lines(), as_json=as_json)
        return
    refuse_without_bound(found, least, corpus.name)
    record = verified(models.on(corpus).entry(found.name), corpus, seed, least, watchers, output.remark)
    output.tell(record, verified_lines(record), as_json=as_json, code=0 if record["passed"] else 1)
