"""Trained networks of the zoo: run folders inside the package, each from one honest run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tenfold.errors import CheckpointError
from tenfold.registry import unknown
from tenfold.train.run_checkpoints import CHECKPOINTS
from tenfold.zoo.model import Model
from tenfold.zoo.saved_models import RECORD, load_model

PREFIX = "zoo:"
"""``zoo:lenet5`` can stand for the folder of a run."""
UNFINISHED = "unfinished.json"
"""The record of a run that has not finished."""
RUNS = Path("runs")
"""Where the folders of runs are made by default."""
_MOST = 1000  # entries of a folder that are looked at
_FOLDER = Path(__file__).parent / "trained"


def trained() -> list[str]:
    """Return the names of the trained networks.

    Examples
    --------
    >>> "lenet5" in trained()
    True
    """
    return sorted(record.parent.name for record in _FOLDER.glob("*/run.json"))


def trained_run(name: str) -> Path:
    """Return the run folder of a trained network; nothing may be written there.

    Raises
    ------
    ConfigError
        If there is no such network.
    """
    if name not in (known := trained()):
        raise unknown("trained network", name, known)
    return _FOLDER / name


def load_trained(name: str) -> Model:
    """Return a trained network of the zoo, without training or download.

    Parameters
    ----------
    name : str
        One of `trained`; ``tenfold models`` marks them.

    Raises
    ------
    ConfigError
        If there is no such network.

    Examples
    --------
    >>> import numpy as np
    >>> load_trained("lenet5").predict_proba(np.zeros((1, 28, 28), np.uint8)).shape
    (1, 10)
    """
    return load_model(trained_run(name))


def folders_of_runs(parent: str) -> Iterator[str]:
    """Yield runs in a folder as they are, other folders with a slash; nothing if it cannot be read."""
    try:
        for folder in sorted(islice(Path(parent or ".").iterdir(), _MOST)):
            if not folder.name.startswith(".") and folder.is_dir():
                is_run = (folder / RECORD).is_file() or (folder / UNFINISHED).is_file()
                yield f"{parent}{folder.name}{'' if is_run else '/'}"
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return


def find_run(run: Path | str) -> Path:
    """Return the folder of a finished run.

    Parameters
    ----------
    run : path or str
        Its folder, or ``"zoo:NAME"`` for a trained network of the package.

    Raises
    ------
    CheckpointError
        If it is not the folder of a finished run.
    ConfigError
        If there is no such trained network.
    """
    if str(run).startswith(PREFIX):
        return trained_run(str(run).removeprefix(PREFIX))
    folder = Path(run)
    if not (folder / RECORD).is_file():
        if (folder / CHECKPOINTS).is_dir() or (folder / UNFINISHED).is_file():
            raise CheckpointError(
                f"{folder}: expected a finished run, found one that is not (no {RECORD}); resume it: "
                "the same command with --resume, or fit(..., resume=True)"
            )
        raise CheckpointError(
            f"{folder}: expected the folder of a finished run, found no {RECORD}; {_instead(folder)}"
        )
    return folder


def _instead(folder: Path) -> str:
    """Return what may have been meant: a run below ``runs/``, a trained network, or a run to be trained."""
    if not folder.is_absolute() and (RUNS / folder / RECORD).is_file():
        return f"did you mean {RUNS / folder}?"
    if folder.is_file():
        return "name the folder of a run"
    first = f"train one: tenfold train lenet5 --out {folder}"
    return f"write {PREFIX}{folder}, or {first}" if str(folder) in trained() else first
