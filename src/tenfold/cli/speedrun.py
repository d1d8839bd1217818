"""``tenfold speedrun TARGET...``: seconds of training to an accuracy, over seeds."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import typer

from tenfold.cli import options, output, progress
from tenfold.runs import completion


def speedrun(
    targets: list[str] | None = typer.Argument(
        None,
        metavar="TARGET...",
        autocompletion=completion.targets,
        help="Accuracies in per cent: 97, 98, 99, ...; without any, all are listed with their times.",
    ),
    seeds: str | None = typer.Option(
        None, metavar="0-9|0,7,12", help="By default ten, or three where a training takes minutes."
    ),
    results: Path | None = typer.Option(
        None, help="The results folder; by default results/.", show_default=False
    ),
    source: options.Data = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Time how long a training takes to an accuracy, over seeds; finished seeds are skipped."""
    from tenfold.runs import speedrun_lines as words
    from tenfold.runs.measuring import RESULTS
    from tenfold.runs.speedrun import DATASET, Session, checked_results, run_targets
    from tenfold.runs.trial_plan import parse_seeds
    from tenfold.zoo import speedruns

    entries = [speedruns.speedrun(one) for one in dict.fromkeys(targets or [])]
    if not entries:
        plans = words.planned(results)
        output.tell(words.plans_record(plans), [words.plans_table(plans)], as_json=as_json)
        return
    wanted = None if seeds is None else parse_seeds(seeds)
    began = perf_counter()
    corpus = progress.load(source or DATASET, quiet=quiet)
    loaded = perf_counter() - began
    session = Session(corpus, loaded, checked_results(results, corpus, RESULTS))
    found = run_targets(entries, session, wanted, output.remark if not quiet else lambda line: None)
    output.tell(words.results_record(found), words.results_parts(found), as_json=as_json)
    for line in (note for one in found.values() for note in words.remarks(one)):
        output.remark(f"note: {line}")
