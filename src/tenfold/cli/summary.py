"""``tenfold summary NAME|RUN``: a model layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import completion, output
from tenfold.cli.options import Data, Json, Network

if TYPE_CHECKING:
    from tenfold.zoo import Ensemble, NetworkModel


def summary(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|RUN",
            autocompletion=completion.models_and_runs,
            help="A model, or the folder of a finished run. Not needed with --network.",
        ),
    ] = None,
    network: Network = None,
    source: Data = None,
    as_json: Json = False,
) -> None:
    """Show a model's layers with shapes, parameters and operations, and which of them are compiled."""
    from tenfold.cli.progress import load
    from tenfold.evaluate.tables.listing import summary_record
    from tenfold.runs.models import Models
    from tenfold.runs.summarised import to_summarise
    from tenfold.zoo import Ensemble, NetworkModel

    models = Models.of(network)
    found, model = to_summarise(models if source is None else models.on(load(source, quiet=True)), name)
    if as_json:
        output.emit(summary_record(found, model.rows()))
        return
    output.say(f"{found.name}: {found.title}", style="bold")
    if isinstance(model, (NetworkModel, Ensemble)):
        _say_layers(model)
    elif found.parameters is not None:
        output.say(f"{found.parameters:,} fitted numbers")
    for note in found.notes:
        output.say(note)


def _say_layers(model: NetworkModel | Ensemble) -> None:
    from tenfold.evaluate.tables.listing import LAYER_COLUMNS, layer_row
    from tenfold.train import fallback_notice
    from tenfold.zoo import NetworkModel

    rows = model.rows()
    output.table(LAYER_COLUMNS, [layer_row(row) for row in rows], right=(2, 3, 4))
    total = sum(row.flops for row in rows)
    output.say(
        f"{model.n_parameters:,} parameters; {total:,} floating-point operations for one image, forward"
    )
    for one in [model] if isinstance(model, NetworkModel) else model.members.values():
        if one.recipe and (notice := fallback_notice(one.network, one.recipe.loss, one.recipe.optimizer)):
            output.say(notice)
