"""The process that reads pictures for another: lines with names come in, lines with answers go out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tenfold.runs.answers import recogniser_of
from tenfold.runs.line_answers import Answer, answer_lines
from tenfold.runs.models import Models
from tenfold.runs.picture_answers import PictureAnswers, Wanted, Way


def main() -> None:
    """Answer lines until stdin ends; the first one says with which network."""
    answer_lines(_prepared)


def _prepared(settings: dict[str, Any]) -> tuple[dict[str, Any], Answer]:
    reader = _reader(settings)

    def answer(files: list[str]) -> dict[str, Any]:
        return asdict(reader.batch(files))

    return answer([]), answer


def settings_of(run: Path | None, networks: Sequence[str], reader: PictureAnswers) -> dict[str, Any]:
    """Return the first line for a worker that reads as ``reader`` does."""
    return {
        "run": None if run is None else os.fspath(run),
        "networks": list(networks),
        "model": reader.model,
        "network": reader.network,
        "probabilities": reader.probabilities,
        "wanted": asdict(reader.wanted),
        "way": asdict(reader.way),
    }


def _reader(settings: dict[str, Any]) -> PictureAnswers:
    run = None if settings["run"] is None else Path(settings["run"])
    recogniser, _, _ = recogniser_of(run, Models.of(settings["networks"]))
    return PictureAnswers(
        recogniser,
        settings["model"],
        settings["network"],
        probabilities=settings["probabilities"],
        wanted=Wanted(**settings["wanted"]),
        way=Way(**settings["way"]),
    )


if __name__ == "__main__":
    main()
