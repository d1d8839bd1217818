"""``tenfold report RUN``: the report of a finished run, written again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from tenfold.cli import options, output, progress
from tenfold.runs import completion


def report(
    run: Path = typer.Argument(
        ..., metavar="RUN", help="The folder of a finished run, or zoo:NAME.", autocompletion=completion.runs
    ),
    network: options.Network = None,
    source: options.Data = None,
    out: Path | None = typer.Option(None, help="Another folder than the run's own."),
    as_json: options.Json = False,
) -> None:
    """Write a run's report: one HTML page, the same pictures as PNG, the figures as JSON."""
    from tenfold.runs import judging
    from tenfold.runs.models import Models
    from tenfold.runs.opened import open_run

    out = judging.report_folder(run, out)
    record, model = open_run(run, Models.of(network))
    corpus = judging.same_data(record, source, partial(progress.load, quiet=as_json))
    path = judging.report(model, record, judging.judge(model, record, corpus), out)
    figures = sorted(str(file) for file in (path.parent / "figures").glob("*.png"))
    found = {"model": record.model, "dataset": record.dataset, "report": str(path), "figures": figures}
    output.tell(found, [str(path)], as_json=as_json)
