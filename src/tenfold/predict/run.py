"""Which run to predict with where none is named."""

from __future__ import annotations

from pathlib import Path

from tenfold.errors import CheckpointError

RUNS = Path("runs")
RECORD = "run.json"
"""What a run writes about itself when its training has finished."""


def find_run(run: Path | str | None = None, runs: Path = RUNS) -> Path:
    """Return the folder of a finished run: the one named, or the one finished last below ``runs``.

    Raises
    ------
    CheckpointError
        If there is none.
    """
    if run is not None:
        folder = Path(run)
        if not (folder / RECORD).is_file():
            raise CheckpointError(
                f"{folder}: expected the folder of a finished run, found no {RECORD}; "
                f"train one: tenfold train lenet5 --out {folder}"
            )
        return folder
    records = sorted(runs.glob(f"*/{RECORD}"), key=lambda path: (path.stat().st_mtime, str(path)))
    if not records:
        raise CheckpointError(
            f"{runs}: expected a finished run, found none; train one first: tenfold train lenet5"
        )
    return records[-1].parent
