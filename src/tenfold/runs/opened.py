"""A finished run opened: its record and its model, also if parts of it are the user's own."""

from __future__ import annotations

import shlex
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tenfold.checkpoint import STATE
from tenfold.errors import CheckpointError, TenfoldError
from tenfold.predict import RECORD, find_run, shipped
from tenfold.predict.fine_tuning import SHIPPED_NAME
from tenfold.quoting import message
from tenfold.registry import UnknownNameError
from tenfold.runs.models import Models
from tenfold.runs.record import Record, read_record
from tenfold.train import Recipe
from tenfold.zoo import MODEL_FOLDER, NetworkModel, load_model
from tenfold.zoo.own_file import OPTION

if TYPE_CHECKING:
    from tenfold.zoo import Model


class Opened(NamedTuple):
    """A run's record, and its model with its recipe."""

    record: Record
    model: Model


def open_run(run: Path | str, models: Models | None = None, epoch: int | None = None) -> Opened:
    """Open a finished run.

    Parameters
    ----------
    run : path or str
        Its folder, or ``"zoo:NAME"``.
    models : Models, optional
        The user's own classes. A run's folder never causes code to be run: only what is given here is known,
        and what installed packages offer.
    epoch : int, optional
        The epoch (from 1) whose weights are loaded.

    Raises
    ------
    CheckpointError
        If there is no finished run, or anything in it is not what it must be; if it has a layer that nobody
        gave, with the file that it comes from.
    """
    models, folder = models or Models(), find_run(run)
    record = read_record(folder)
    _warn_of_changes(record, models)
    try:
        model = load_model(folder, epoch, layers=models.own)
    except CheckpointError as error:
        unknown = error.__cause__
        if isinstance(unknown, UnknownNameError) and unknown.what == "layer":
            raise _not_given(folder, record, unknown) from error
        raise
    if isinstance(model, NetworkModel):
        _give_recipe(model, folder, record, models)
    return Opened(record, model)


def open_model(folder: Path | str, models: Models | None = None) -> Model:
    """Return the model of a run, one that `Model.save` wrote, or for ``shipped`` the built-in network."""
    if folder == SHIPPED_NAME:
        return shipped().model
    models, place = models or Models(), Path(folder)
    alone = (place / STATE).is_file() or (place / MODEL_FOLDER).is_dir()
    if alone and not (place / RECORD).is_file():
        return load_model(folder, layers=models.own)
    return open_run(folder, models).model


def _give_recipe(model: NetworkModel, folder: Path, record: Record, models: Models) -> None:
    """Give a network the recipe of its run; if that has parts that nobody gave, say so once it is needed."""
    try:
        model.recipe = Recipe.from_config(record.recipe, own=models.own)
    except UnknownNameError as error:
        model.without_recipe = str(_not_given(folder, record, error))
    except (TenfoldError, ValueError) as error:
        model.without_recipe = f"{folder}: {message(error)}"


def _not_given(folder: Path, record: Record, error: UnknownNameError) -> CheckpointError:
    """Return the error for a part of the user's own that was not given."""
    source = record.source or {}
    if "package" in source:
        advice = f"it comes from the package {source['package']}; install it"
    elif "file" in source:
        file = str(source["file"])
        advice = f"it comes from {file}; add {OPTION} {shlex.quote(file)}, in Python layers=[...]"
    else:
        advice = f"add {OPTION} FILE.py with the file that defines it, in Python layers=[...]"
    return CheckpointError(
        f"{folder}: unknown {error.what} {error.name!r:.60}, which is not tenfold's; {advice}"
    )


def _warn_of_changes(record: Record, models: Models) -> None:
    """Say so if a file is no longer as it was when the run was made."""
    source = record.source or {}
    for file in models.files:
        if file.path.name == Path(str(source.get("file"))).name and file.sha256 != source.get("sha256"):
            warnings.warn(changed_since(str(file.path), "the run was made"), UserWarning, stacklevel=3)


def changed_since(file: str, when: str) -> str:
    """Return in one line that a file has changed."""
    return f"{file} has changed since {when}; its present code is used"
