"""``tenfold report RUN``: the report of a finished run, written again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Run


def report(
    run: Run,
    source: Data = None,
    out: Annotated[Path | None, typer.Option(help="Another folder than the run's own.")] = None,
    as_json: Json = False,
) -> None:
    """Write a run's report: one HTML page, the same pictures as PNG, the figures as JSON."""
    from tenfold.cli import judging
    from tenfold.cli.record import read_record
    from tenfold.zoo import load_model

    record, model = read_record(run), load_model(run)
    corpus = judging.same_data(record, source, quiet=as_json)
    evaluation, probabilities = judging.judge(model, record, corpus.test)
    path = judging.report(model, record, evaluation, corpus.test, probabilities, out or run)
    if as_json:
        figures = sorted(str(file) for file in (path.parent / "figures").glob("*.png"))
        output.emit(
            {"model": record["model"], "dataset": record["dataset"], "report": str(path), "figures": figures}
        )
    else:
        output.say(str(path))
