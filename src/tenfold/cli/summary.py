"""``tenfold summary NAME|RUN``: a model layer by layer."""

from __future__ import annotations

import typer

from tenfold.cli import options, output, progress
from tenfold.runs import completion


def summary(
    name: str | None = typer.Argument(
        None,
        metavar="NAME|RUN",
        autocompletion=completion.models_and_runs,
        help="A model, or the folder of a finished run. Not needed with --network.",
    ),
    network: options.Network = None,
    source: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Show a model's layers with shapes, parameters and operations, and which of them are compiled."""
    from tenfold.runs.models import Models
    from tenfold.runs.summarised import to_summarise

    models = Models.of(network)
    found = to_summarise(models if source is None else models.on(progress.load(source, quiet=True)), name)
    output.tell(found.to_dict(), found.parts(), as_json=as_json, headed=True)
