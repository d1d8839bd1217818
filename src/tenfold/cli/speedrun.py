"""``tenfold speedrun TARGET...``: seconds of training to an accuracy, over seeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import completion, output
from tenfold.cli.options import Data, Json, Quiet
from tenfold.cli.trials import RESULTS
from tenfold.files.named_folders import held, make_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenfold.runs.speedrun import Session
    from tenfold.zoo.speedruns import Speedrun


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
    from tenfold.runs.trial_plan import parse_seeds
    from tenfold.zoo.speedruns import SPEEDRUNS
    from tenfold.zoo.speedruns import speedrun as named

    entries = [named(one) for one in dict.fromkeys(targets or [])]
    if not entries:
        _list(list(SPEEDRUNS.values()), results, as_json=as_json)
        return
    wanted = None if seeds is None else parse_seeds(seeds)
    session = _session(source, results, quiet=quiet)
    with held(session.results, "--results"):
        for entry in entries:
            _run(entry, session, entry.seeds if wanted is None else wanted, quiet=quiet)
    _tell(entries, session, as_json=as_json)


def _session(source: str | None, results: Path | None, *, quiet: bool) -> Session:
    """Load the images, and say how long it took."""
    from time import perf_counter

    from tenfold.cli.downloading import load
    from tenfold.runs.speedrun import DATASET, Session, checked_results

    began = perf_counter()
    corpus = load(source or DATASET, quiet=quiet)
    load_seconds = perf_counter() - began
    folder = checked_results(results, corpus, RESULTS)
    make_folder(folder, "--results")
    return Session(corpus, load_seconds, folder)


def _run(entry: Speedrun, session: Session, seeds: Sequence[int], *, quiet: bool) -> None:
    from tenfold.runs.speedrun import run_seeds
    from tenfold.runs.speedrun_lines import seed_line

    run_seeds(
        entry,
        session,
        seeds,
        lambda row: None if quiet else output.remark(seed_line(entry.target, row)),
    )


def _tell(entries: Sequence[Speedrun], session: Session, *, as_json: bool) -> None:
    """Print what the files say now."""
    from tenfold.runs.speedrun_lines import COLUMNS, apart, remarks, result_row
    from tenfold.runs.speedrun_record import measurement

    files = [session.file(entry) for entry in entries]
    found = [one for path in files if (one := measurement(path)) is not None]
    if as_json:
        told = [one.to_json() | {"file": str(path)} for one, path in zip(found, files, strict=True)]
        output.emit({"targets": told})
        return
    output.table(COLUMNS, [result_row(one) for one in found], right=(1, 2, 3, 4))
    for one in found:
        output.say(f"{one.target} %: {apart(one)}")
    for one in found:
        for line in remarks(one):
            output.remark(f"note: {line}")
    output.say(f"on {found[0].machine}; written to {session.file(entries[0]).parent}")


def _list(entries: Sequence[Speedrun], results: Path | None, *, as_json: bool) -> None:
    """Print every target with its training, and the latest figures."""
    from tenfold.runs.speedrun_lines import PLAN_COLUMNS, plan_row
    from tenfold.runs.speedrun_record import measurements
    from tenfold.zoo.measured import PLACES

    places = PLACES if results is None else [results]
    found = {entry.target: measurements(entry, places) for entry in entries}
    if as_json:
        told = [
            {
                "target": entry.target,
                "network": entry.words,
                "recipe": entry.recipe.config(),
                "measured": [one.to_json() for one in found[entry.target]],
            }
            for entry in entries
        ]
        output.emit({"targets": told})
        return
    rows = [plan_row(entry, found[entry.target][-1] if found[entry.target] else None) for entry in entries]
    output.table(PLAN_COLUMNS, rows, right=(2, 3, 4, 5))
