"""The record: every figure with its target, and the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rows import Row

from tenfold.checkpoint import dump_json
from tenfold.evaluate.environment import environment
from tenfold.files import write_atomically
from tenfold.machine import commit

RESULTS = Path(__file__).parents[2] / "results"


def write(rows: Sequence[Row], load_before: float, options: Mapping[str, Any]) -> Path:
    """Write the file of this machine, and return where it is."""
    where = environment()
    name = f"load-{where.file_words}"
    content = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": where.machine,
        "cores": where.cores,
        "system": where.system,
        "load_before": load_before,
        "versions": dict(where.versions),
        "options": {key: str(value) if isinstance(value, Path) else value for key, value in options.items()},
        "rows": [asdict(row) | {"met": row.met} for row in rows],
    }
    path = RESULTS / f"{name}.json"
    write_atomically(path, dump_json(content))
    return path
