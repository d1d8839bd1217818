"""``tenfold summary NAME``: a model layer by layer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tenfold.cli import output
from tenfold.cli.options import Json, Name

if TYPE_CHECKING:
    from tenfold.nn import LayerRow
    from tenfold.zoo import Ensemble, NetworkModel, Trainable


def summary(name: Name, as_json: Json = False) -> None:
    """Show a model's layers with shapes, parameters and operations, and which of them are compiled."""
    from tenfold.predict.reader_recipe import trainable
    from tenfold.zoo import Ensemble, NetworkModel

    found = trainable(name)
    model = found.build(found)
    if as_json:
        output.emit(_record(found, model.rows()))
        return
    output.say(f"{found.name}: {found.title}", style="bold")
    if isinstance(model, (NetworkModel, Ensemble)):
        _say_layers(model)
    elif found.parameters is not None:
        output.say(f"{found.parameters:,} fitted numbers")
    for note in found.notes:
        output.say(note)


def _say_layers(model: NetworkModel | Ensemble) -> None:
    from tenfold.train import fallback_notice
    from tenfold.zoo import NetworkModel

    rows = model.rows()
    columns = ("layer", "kind", "output", "parameters", "FLOPs", "compiled")
    output.table(columns, [_row(row) for row in rows], right=(2, 3, 4))
    total = sum(row.flops for row in rows)
    output.say(
        f"{model.n_parameters:,} parameters; {total:,} floating-point operations for one image, forward"
    )
    for one in [model] if isinstance(model, NetworkModel) else model.members.values():
        if one.recipe and (notice := fallback_notice(one.network, one.recipe.loss, one.recipe.optimizer)):
            output.say(notice)


def _row(row: LayerRow) -> tuple[str, ...]:
    shape = " x ".join(str(size) for size in row.output_shape)
    compiled = "yes" if row.compiled else "no"
    return row.name, row.kind, shape, f"{row.parameters:,}", f"{row.flops:,}", compiled


def _record(entry: Trainable, rows: list[LayerRow]) -> dict[str, Any]:
    return {
        "model": entry.name,
        "title": entry.title,
        "parameters": entry.parameters,
        "flops": sum(row.flops for row in rows) if rows else None,
        "layers": [asdict(row) | {"output_shape": list(row.output_shape)} for row in rows],
        "notes": list(entry.notes),
    }
