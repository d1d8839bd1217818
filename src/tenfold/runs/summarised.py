"""What ``summary`` shows: a model by name, or that of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tenfold.predict import RECORD
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.zoo import Trainable
from tenfold.zoo.trained import PREFIX

if TYPE_CHECKING:
    from tenfold.zoo import Model


class Summarised(NamedTuple):
    """An entry, and its model."""

    entry: Trainable
    model: Model


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
