"""The record: every single time, with the machine, the versions and the settings."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rows import Found
from settings import Settings

from tenfold.checkpoint import dump_json
from tenfold.data import Corpus
from tenfold.evaluate.environment import Environment
from tenfold.files import write_atomically
from tenfold.machine import commit

ROOT = Path(__file__).parent.parent


def place(where: Environment, partly: bool) -> Path:
    """Return the file of this machine; a partial measurement goes to build/"""
    name = f"bench-{where.file_words}"
    return ROOT / "build" / f"{name}-partly.json" if partly else ROOT / "results" / f"{name}.json"


def record(
    found: Found,
    where: Environment,
    versions: dict[str, str],
    corpus: Corpus,
    settings: Settings,
    load: float,
) -> dict[str, Any]:
    """Return what goes to the file."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": where.machine,
        "cores": where.cores,
        "system": where.system,
        "load_before": load,
        "versions": dict(where.versions) | versions,
        "data": corpus.name,
        "settings": asdict(settings),
        "rows": [row.to_json() for row in found.rows],
        "timings": found.timings,
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Write it, whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, dump_json(content))
