"""Where a finished run is."""

from __future__ import annotations

from pathlib import Path

from tenfold.errors import CheckpointError
from tenfold.zoo.trained import PREFIX, trained_run

RECORD = "run.json"
"""What a run writes about itself when its training has finished."""


def find_run(run: Path | str) -> Path:
    """Return the folder of a finished run.

    Parameters
    ----------
    run : path or str
        Its folder, or ``"zoo:NAME"`` for a network that comes trained.

    Raises
    ------
    CheckpointError
        If it is none.
    ConfigError
        If no such network comes trained.
    """
    if str(run).startswith(PREFIX):
        return trained_run(str(run).removeprefix(PREFIX))
    folder = Path(run)
    if not (folder / RECORD).is_file():
        raise CheckpointError(
            f"{folder}: expected the folder of a finished run, found no {RECORD}; "
            f"train one: tenfold train lenet5 --out {folder}"
        )
    return folder
