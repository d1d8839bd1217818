"""``tenfold predict SOURCE --on ...`` for millions of images, and ``tenfold run-shards``, which it starts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tenfold.cli import output, progress
from tenfold.errors import ConfigError, DataError
from tenfold.files import shown
from tenfold.interrupt import end_with_stdin

if TYPE_CHECKING:
    from tenfold.runs.sharded.prediction import Runner, Shards
    from tenfold.runs.sharded.request import Reads


class ShardFormat(StrEnum):
    """How the answers of a shard are written."""

    csv = "csv"
    parquet = "parquet"


def predict_shards(
    names: Iterable[str], reads: Reads, shards: Shards, runner: Runner, out: Path | None, *, as_json: bool
) -> None:
    """Predict a source, or the rest of it, and say what the folder of answers holds."""
    from tenfold.runs.sharded.prediction import Prediction
    from tenfold.runs.sharded.request import find_source

    if out is None:
        raise ConfigError("--on: expected --out FOLDER for the answers, got none; name a folder")
    source = find_source(list(names), output.remark)
    manifest = shards.manifest(source, reads.settings(source, output.remark))
    output.remark(f"{manifest.source} in {len(manifest.shards()):,} shards")
    prediction = Prediction(Path(os.path.abspath(out)), manifest, runner, progress.pictures)
    totals = prediction.run(source.pictures, output.remark)
    line = f"{shown(out)}: {totals.images:,} images, {totals.files:,} files of answers"
    output.tell({"out": str(out), **asdict(totals)}, [line], as_json=as_json)
    if totals.errors:
        output.error(
            f"{shown(out)}: expected images that can be read, found {totals.errors:,} that cannot; the "
            "column error of their rows says why"
        )
        raise typer.Exit(DataError.exit_code)


def run_shards(
    share: str = typer.Argument(..., metavar="I-of-N"),
    out: Path = typer.Option(..., help="The folder of the answers."),
    jobs: int = typer.Option(1, min=1),
) -> None:
    """Compute shards while stdin is open, and print how many images are done as lines of JSON."""
    end_with_stdin()
    from tenfold.runs.sharded.share import Share, compute_share

    compute_share(out, Share.of(share), jobs, output.report)
