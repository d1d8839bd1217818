"""Times put into the ledger's folder, apart from the trials."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json
from tenfold.files import storage, write_atomically
from tenfold.zoo.times import read_times, times_file


def put_times(folder: Path, name: str, record: Mapping[str, Any]) -> Path:
    """Put a model's times into its file, in place of those of the same machine; return the file.

    Raises
    ------
    DataError
        If there is a file that `tenfold verify --time` did not write.
    StorageError
        If it cannot be written.
    """
    path = times_file(folder, name)
    others = read_times(path) if path.is_file() else []
    kept = [one for one in others if one["machine"] != record["machine"]]
    with storage(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, dump_json({"model": name, "times": [*kept, dict(record)]}))
    return path
