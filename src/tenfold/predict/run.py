"""Where a finished run is."""

from __future__ import annotations

from pathlib import Path

from tenfold.errors import CheckpointError

RECORD = "run.json"
"""What a run writes about itself when its training has finished."""


def find_run(run: Path | str) -> Path:
    """Return the folder of a finished run.

    Raises
    ------
    CheckpointError
        If it is none.
    """
    folder = Path(run)
    if not (folder / RECORD).is_file():
        raise CheckpointError(
            f"{folder}: expected the folder of a finished run, found no {RECORD}; "
            f"train one: tenfold train lenet5 --out {folder}"
        )
    return folder
