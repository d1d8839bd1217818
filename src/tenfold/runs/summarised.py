"""What ``summary`` shows: a model by name, or that of a finished run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.evaluate.tables.listing import summary_record
from tenfold.predict import RECORD
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.runs.summary import Summary
from tenfold.train import fallback_notice
from tenfold.zoo import Ensemble, NetworkModel, Trainable
from tenfold.zoo.trained import PREFIX

if TYPE_CHECKING:
    from tenfold.evaluate.tables import Table
    from tenfold.zoo import Model


class Summarised(NamedTuple):
    """An entry, and its model."""

    entry: Trainable
    model: Model

    def to_dict(self) -> dict[str, Any]:
        """Return the model layer by layer, as JSON values."""
        return summary_record(self.entry, self.model.rows())

    def parts(self) -> Iterator[str | Table]:
        """Yield its heading, the table of its layers, and what there is to know, in lines."""
        entry, model = self.entry, self.model
        yield f"{entry.name}: {entry.title}"
        if isinstance(model, (NetworkModel, Ensemble)):
            summary = Summary(entry.name, tuple(model.rows()))
            yield summary.table
            yield summary.total
            for one in [model] if isinstance(model, NetworkModel) else model.members.values():
                recipe = one.recipe
                if recipe and (slow := fallback_notice(one.network, recipe.loss, recipe.optimizer)):
                    yield slow
        elif entry.parameters is not None:
            yield f"{entry.parameters:,} fitted numbers"
        yield from entry.notes


def to_summarise(models: Models, name: str | None) -> Summarised:
    """Return the model of a name, or of a run's folder.

    Raises
    ------
    TenfoldError
        If there is none.
    """
    if name is None or not _is_run(name):
        entry = models.trainable(models.name(name))
        return Summarised(entry, entry.build(entry))
    record, model = open_run(name, models)
    title = f"the run in {name}, trained on {record.dataset}"
    entry = Trainable(name=record.model, title=title, build=lambda _: model, parameters=model.n_parameters)
    return Summarised(entry, model)


def _is_run(name: str) -> bool:
    return name.startswith(PREFIX) or (Path(name) / RECORD).is_file()
