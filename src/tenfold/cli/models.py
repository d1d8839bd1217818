"""``tenfold models``: the zoo, published against measured; ``tenfold models NAME``: run by run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Form, Json, Results
from tenfold.errors import ConfigError

if TYPE_CHECKING:
    from tenfold.zoo import Entry, Measured, Times

NOT_MEASURED = "not measured"


def models(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME...]", help="Show these run by run: each seed, the authors' beside ours."
        ),
    ] = None,
    results: Results = None,
    form: Form = None,
    as_json: Json = False,
) -> None:
    """List the models: accuracy in % as published; ours (of so many runs) by that protocol and honestly."""
    from tenfold.zoo import ENTRIES, entry

    if form is not None and as_json:
        raise ConfigError("--format and --json: expected one of them, got both; leave one out")
    chosen = [entry(name) for name in dict.fromkeys(names or ENTRIES)]
    if as_json:
        output.emit({"models": [_record(one, results) for one in chosen]})
    elif form is not None:
        _put(chosen if names else None, results, form)
    elif names:
        for one in chosen:
            _show(one, results)
    else:
        columns = ("model", "parameters", "published", "as published", "honest")
        output.table(columns, [_row(one, results) for one in chosen], right=range(1, len(columns)))


def _put(chosen: list[Entry] | None, results: Path | None, form: str) -> None:
    """Print some models run by run, or the whole zoo in one table, in a format."""
    from tenfold.evaluate import tables

    if chosen is None:
        output.put(tables.written([tables.overview(results)], tables.overview_records(results), form))
        return
    every = [table for one in chosen for table in tables.runs_tables(one, results)]
    records = [record for one in chosen for record in tables.runs_records(one, results)]
    output.put(tables.written(every, records, form))
    for one in chosen:
        if not any(_found(one, results)):
            output.remark(f"{one.name}: {NOT_MEASURED}; these are the authors' runs alone")


def _show(entry: Entry, results: Path | None) -> None:
    """Print what is known of a model, then its runs."""
    from tenfold.evaluate import tables
    from tenfold.evaluate.tables.overview import figure, published_text
    from tenfold.evaluate.tables.runs import EXPLAINED

    published, (found, honest) = entry.published, _found(entry, results)
    output.say(f"{entry.name}: {entry.title}")
    if published is None:
        output.say(f"  published  nothing: {published_text(entry)}")
        output.say(f"  measured   {figure(honest)}, honest protocol")
    else:
        output.say(f"  published  {published_text(entry)}; {published.source}")
        output.say(f"  measured   {figure(found)}, published protocol")
    if len(entry.protocols) > 1:
        output.say(f"             {figure(honest)}, honest protocol")
    output.say(f"  timed      {timed_text(_times(entry, results))}")
    for table in tables.runs_tables(entry, results):
        output.say("")
        output.say(table.title)
        output.wide_table(table.heads, table.rows)
    output.say("")
    output.say(EXPLAINED)
    output.say("")


def timed_text(found: Times | None) -> str:
    """Return how long a model takes on a quiet machine, on which, or that it is not timed."""
    from tenfold.evaluate.tables.overview import NOT_TIMED, times_texts

    if found is None:
        return NOT_TIMED
    train, predict = times_texts(found)
    return f"training {train}, predicting {found.test_images:,} images {predict}, on {found.machine}"


def _found(entry: Entry, results: Path | None) -> tuple[Measured | None, Measured | None]:
    from tenfold.evaluate.tables.overview import both_protocols

    return both_protocols(entry, results)


def _times(entry: Entry, results: Path | None) -> Times | None:
    from tenfold.zoo import times
    from tenfold.zoo.measured import PLACES

    return times(entry, PLACES if results is None else (results,))


def _row(entry: Entry, results: Path | None) -> tuple[str, ...]:
    found, honest = _found(entry, results)
    theirs, told = measured_text(found), measured_text(honest)
    if entry.published is None:
        theirs = "-"
    elif len(entry.protocols) == 1:
        told = "the same"
    parameters = "-" if entry.parameters is None else f"{entry.parameters:,}"
    return entry.name, parameters, published_text(entry), theirs, told


def published_text(entry: Entry) -> str:
    """Return the published accuracy in percent: one figure or a range; of our own models, the aim."""
    if entry.published is None:
        return "-" if entry.aim is None else f"aim {100 * entry.aim:.2f}"
    low, high = (f"{100 * end:.2f}" for end in (entry.published.low, entry.published.high))
    return low if low == high else f"{low}-{high}"


def measured_text(found: Measured | None) -> str:
    """Return our own mean accuracy in percent and over how many trials, or that there is none."""
    return NOT_MEASURED if found is None else f"{100 * found.accuracy.mean:.2f} ({len(found.seeds)})"


def _record(entry: Entry, results: Path | None) -> dict[str, Any]:
    """Return an entry; ``measured`` is by its authors' protocol, or honest where only that is there."""
    published, honest = _found(entry, results)
    found = published or honest
    gain, timed = found and found.protocol_gain, _times(entry, results)
    return {
        "id": entry.name,
        "title": entry.title,
        "published": entry.published and asdict(entry.published),
        "aim": entry.aim,
        "measured": _figure(found),
        "honest": _figure(honest),
        "parameters": entry.parameters,
        "members": list(entry.members),
        "train_seconds": found and found.train_seconds,
        "predict_seconds": found and found.predict_seconds,
        "timed": timed and asdict(timed),
        "seeds": list(entry.seeds),
        "runs": {"published": _runs(published), "honest": _runs(honest)},
        "notes": list(entry.notes),
        "shortfall": entry.shortfall or None,
        "protocol_gain": gain and asdict(gain),
    }


def _runs(found: Measured | None) -> list[dict[str, Any]]:
    return [] if found is None else [asdict(run) for run in found.runs]


def _figure(found: Measured | None) -> dict[str, Any] | None:
    if found is None:
        return None
    accuracy = found.accuracy
    return {
        "mean": accuracy.mean,
        "sd": accuracy.sd,
        "n": len(found.seeds),
        "protocol": found.protocol,
        "low": accuracy.low,
        "high": accuracy.high,
        "interval": accuracy.interval and list(accuracy.interval),
    }
