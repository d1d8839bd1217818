"""``tenfold models``: the zoo, published against measured; ``tenfold models NAME``: run by run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import completion, output
from tenfold.cli.options import Form, Json, Results, refuse_two_forms

if TYPE_CHECKING:
    from tenfold.zoo import Entry


def models(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME...]",
            autocompletion=completion.models,
            help="Show these models run by run: each seed, next to the authors' runs.",
        ),
    ] = None,
    results: Results = None,
    form: Form = None,
    as_json: Json = False,
) -> None:
    """List the models: published accuracy in %, and ours (number of runs) under both protocols."""
    from tenfold.evaluate.tables.listing import COLUMNS, entry_record, listed
    from tenfold.zoo import ENTRIES, entry

    refuse_two_forms(form, as_json)
    chosen = [entry(name) for name in dict.fromkeys(names or ENTRIES)]
    if as_json:
        output.emit({"models": [entry_record(one, results) for one in chosen]})
    elif form is not None:
        _put(chosen if names else None, results, form)
    elif names:
        for one in chosen:
            _show(one, results)
    else:
        output.table(COLUMNS, [listed(one, results) for one in chosen], right=range(1, len(COLUMNS)))


def _put(chosen: list[Entry] | None, results: Path | None, form: str) -> None:
    """Print some models run by run, or the whole zoo in one table, in a format."""
    from tenfold.evaluate import tables
    from tenfold.evaluate.tables.overview import both_protocols
    from tenfold.evaluate.tables.runs import NOT_MEASURED

    if chosen is None:
        output.put(tables.written([tables.overview(results)], tables.overview_records(results), form))
        return
    every = [table for one in chosen for table in tables.runs_tables(one, results)]
    records = [record for one in chosen for record in tables.runs_records(one, results)]
    output.put(tables.written(every, records, form))
    for one in chosen:
        if not any(both_protocols(one, results)):
            output.remark(f"{one.name}: {NOT_MEASURED}; these are the authors' runs alone")


def _show(entry: Entry, results: Path | None) -> None:
    """Print what is known of a model, then its runs."""
    from tenfold.evaluate import tables
    from tenfold.evaluate.tables.listing import entry_lines
    from tenfold.evaluate.tables.runs import EXPLAINED

    for line in entry_lines(entry, results):
        output.say(line)
    for table in tables.runs_tables(entry, results):
        output.say("")
        output.say(table.title)
        output.wide_table(table.heads, table.rows)
    output.say("")
    output.say(EXPLAINED)
    output.say("")
