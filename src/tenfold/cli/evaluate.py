"""``tenfold evaluate RUN``: evaluates a finished run again, and shows its predictions one by one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from tenfold.cli import options, output, progress
from tenfold.runs import completion
from tenfold.runs.chosen_predictions import Asked, Show


def evaluate(
    run: Path = typer.Argument(
        ...,
        metavar="RUN|shipped",
        autocompletion=completion.runs,
        help="The folder of a finished run, zoo:NAME, or the built-in network (shipped); ./shipped is a "
        "folder of that name.",
    ),
    network: options.Network = None,
    source: options.Data = None,
    show: Show | None = typer.Option(
        None,
        help="Show predictions: wrong ones, worst first; right ones at random; right ones, the least "
        "certain first.",
        show_default=False,
    ),
    digits: str | None = typer.Option(
        None, metavar="4,9", help="Show only images of these classes; wrong ones by default."
    ),
    read_as: str | None = typer.Option(
        None, metavar="4,9", help="Show only images that were read as these classes."
    ),
    limit: int = typer.Option(16, min=1, help="The largest number of predictions to show."),
    seed: int = typer.Option(0, min=0, help="The seed of the random choice."),
    draw: Path | None = typer.Option(
        None, metavar="FILE.png", help="Draw the shown predictions with their images."
    ),
    table: options.PredictionsTable = None,
    epoch: int | None = typer.Option(
        None,
        min=1,
        help="The weights of this epoch instead of those that the run ended with; of a run that was "
        "started with --keep-all, any.",
    ),
    tta: str | None = typer.Option(
        None,
        metavar="SHIFT[,DEGREES]",
        help="Test-time augmentation: the mean over copies of each image, shifted by up to so many pixels, "
        "and rotated: 1 or 1,10.",
    ),
    as_json: options.Json = False,
) -> None:
    """Evaluate a run's model on the test images of its data, or on other labelled images."""
    from tenfold.runs.evaluated import check_places, evaluate_again
    from tenfold.runs.models import Models

    if show is None and (draw, digits, read_as) != (None, None, None):
        show = Show.wrong
    check_places(draw, table)
    asked = None if show is None else Asked(show, digits, read_as, limit, seed)
    load = partial(progress.load, quiet=as_json)
    found = evaluate_again(run, Models.of(network), source, epoch, asked, tta, load, output.remark)
    found.write(table, draw)
    output.tell(found.to_dict(), found.parts(), as_json=as_json)
