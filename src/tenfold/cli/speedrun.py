"""``tenfold speedrun TARGET...``: seconds of training to an accuracy, over seeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import completion, output
from tenfold.cli.options import Data, Json, Quiet
from tenfold.cli.trials import RESULTS
from tenfold.files.named_folders import held, make_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


def speedrun(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET...",
            autocompletion=completion.targets,
            help="Accuracies in per cent: 97, 98, 99, ...; without any, all are listed with their times.",
        ),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="0-9|0,7,12", help="By default ten, or three where a training takes minutes."),
    ] = None,
    results: Annotated[
        Path | None, typer.Option(help="The results folder; by default results/.", show_default=False)
    ] = None,
    source: Data = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Time how long a training takes to an accuracy, over seeds; finished seeds are skipped."""
    from time import perf_counter

    from tenfold.cli.downloading import load
    from tenfold.runs.speedrun import DATASET, Session, checked_results, run_seeds
    from tenfold.runs.speedrun_lines import seed_line
    from tenfold.runs.trial_plan import parse_seeds
    from tenfold.zoo.speedruns import speedrun as named

    entries = [named(one) for one in dict.fromkeys(targets or [])]
    if not entries:
        _list(results, as_json=as_json)
        return
    wanted = None if seeds is None else parse_seeds(seeds)
    began = perf_counter()
    corpus = load(source or DATASET, quiet=quiet)
    load_seconds = perf_counter() - began
    folder = checked_results(results, corpus, RESULTS)
    make_folder(folder, "--results")
    session = Session(corpus, load_seconds, folder)
    with held(folder, "--results"):
        for entry in entries:

            def tell(row: dict[str, Any], target: str = entry.target) -> None:
                if not quiet:
                    output.remark(seed_line(target, row))

            run_seeds(entry, session, entry.seeds if wanted is None else wanted, tell)
    _tell([session.file(entry) for entry in entries], as_json=as_json)


def _tell(files: Sequence[Path], *, as_json: bool) -> None:
    """Print what the files say now."""
    from tenfold.runs.speedrun_lines import COLUMNS, apart, remarks, result_row, results_record
    from tenfold.runs.speedrun_record import measurement

    found = {path: one for path in files if (one := measurement(path)) is not None}
    if as_json:
        output.emit(results_record(found))
        return
    output.table(COLUMNS, [result_row(one) for one in found.values()], right=(1, 2, 3, 4))
    for path, one in found.items():
        output.say(f"{one.target} %: {apart(one)}; {one.machine}; written to {path}")
        for line in remarks(one):
            output.remark(f"note: {line}")


def _list(results: Path | None, *, as_json: bool) -> None:
    """Print every target with its training, and the latest figures."""
    from tenfold.runs.speedrun_lines import PLAN_COLUMNS, plan_row, plans_record
    from tenfold.runs.speedrun_record import measurements
    from tenfold.zoo.measured import PLACES
    from tenfold.zoo.speedruns import SPEEDRUNS

    places = PLACES if results is None else [results]
    found = [(entry, measurements(entry, places)) for entry in SPEEDRUNS.values()]
    if as_json:
        output.emit(plans_record(found))
    else:
        output.table(PLAN_COLUMNS, [plan_row(*one) for one in found], right=(2, 3, 4, 5))
