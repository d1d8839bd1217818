"""``tenfold run-shards``: a part of a prediction of millions, which ``tenfold predict --on`` starts."""

from __future__ import annotations

from pathlib import Path

import typer

from tenfold.cli import output
from tenfold.interrupt import end_with_stdin


def run_shards(
    share: str = typer.Argument(..., metavar="I-of-N"),
    out: Path = typer.Option(..., help="The folder of the answers."),
    jobs: int = typer.Option(1, min=1),
) -> None:
    """Compute shards while stdin is open, and print how many images are done as lines of JSON."""
    end_with_stdin()
    from tenfold.runs.sharded.share import Share, compute_share

    compute_share(out, Share.of(share), jobs, output.report)
