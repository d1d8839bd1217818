"""The process that reads pictures for another: lines of JSON with names come in, lines with answers go out.

It ends when stdin ends, so it never outlives the other. JSON, and nothing that could run code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from tenfold.errors import TenfoldError
from tenfold.runs.answers import recogniser_of
from tenfold.runs.models import Models
from tenfold.runs.picture_answers import PictureAnswers, Wanted


def main() -> None:
    """Answer lines until stdin ends; the first one says with which network."""
    answers = _claim_stdout()
    lines = iter(sys.stdin.readline, "")
    with suppress(BrokenPipeError, StopIteration):  # the other process has ended
        try:
            reader = _reader(json.loads(next(lines)))
            _write(answers, asdict(reader.batch([])))  # ready
            for line in lines:
                _write(answers, asdict(reader.batch(json.loads(line))))
        except TenfoldError as error:
            _write(answers, {"kind": type(error).__name__, "words": list(error.args)})


def settings_of(run: Path | None, networks: Sequence[str], reader: PictureAnswers) -> dict[str, Any]:
    """Return the first line for a worker that reads as ``reader`` does."""
    return {
        "run": None if run is None else os.fspath(run),
        "networks": list(networks),
        "model": reader.model,
        "network": reader.network,
        "probabilities": reader.probabilities,
        "wanted": asdict(reader.wanted),
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
    )


def _claim_stdout() -> TextIO:
    """Return stdout for answers only; everything else that is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    return answers


def _write(answers: TextIO, found: object) -> None:
    answers.write(json.dumps(found) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
