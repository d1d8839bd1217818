"""The process that computes shards for another: lines that name them come in, their files are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tenfold.errors import DataError
from tenfold.runs.line_answers import Answer, answer_lines
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.shard_reader import ShardReader

MODULE = "tenfold.runs.sharded.shard_worker"


def main() -> None:
    """Answer lines until stdin ends; the first one names the folder of the answers."""
    answer_lines(_prepared)


def _prepared(settings: dict[str, Any]) -> tuple[dict[str, Any], Answer]:
    from tenfold.backend.cpu.instruction_set import instruction_set

    folder = Path(settings["folder"])
    reader = ShardReader(folder, Manifest.read(folder))

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        piece, path = Shard(**question["piece"]), Path(question["path"])
        if question["error"] is None:
            reader.write(path, piece)
        else:
            reader.write_error(path, piece, DataError(question["error"]))
        return {}

    cpu = instruction_set()
    return {"engine": f"{cpu.cpu}, {cpu.lanes} numbers in a register"}, answer


def question(piece: Shard, path: Path, error: DataError | None = None) -> dict[str, Any]:
    """Return the line that has a piece computed, or marked with an error, into a file."""
    return {"piece": piece._asdict(), "path": str(path), "error": None if error is None else str(error)}


if __name__ == "__main__":
    main()
