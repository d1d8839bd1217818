"""Predict a range of images in one process and write one table: no shards, nobody who watches or resumes."""

from __future__ import annotations

import sys
from pathlib import Path

from tenfold.data.parts import find_parts
from tenfold.predict import Recogniser, shipped
from tenfold.runs.sharded.image_rows import ImageRows
from tenfold.runs.sharded.shard_file import write_rows
from tenfold.zoo import load_model

STEP = 10_000  # images whose rows are held


def main() -> None:
    """Take the source, the table's name, and the first and last place from the command line."""
    source, out, start, stop = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    [part] = find_parts([source]) or []
    run = sys.argv[5] if len(sys.argv) > 5 else None
    rows = ImageRows(shipped() if run is None else Recogniser.of(load_model(run)))
    for first in range(start, stop, STEP):
        last = min(first + STEP, stop)
        name = out.with_name(f"{out.stem}-{first}.csv")
        write_rows(name, rows.columns, list(rows.rows(part, first, last, first)), "csv")


if __name__ == "__main__":
    main()
