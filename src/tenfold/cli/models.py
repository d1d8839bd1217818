"""``tenfold models``: the zoo, published against measured; ``tenfold models NAME``: run by run."""

from __future__ import annotations

import typer

from tenfold.cli import options, output
from tenfold.runs import completion


def models(
    names: list[str] | None = typer.Argument(
        None,
        metavar="[NAME...]",
        autocompletion=completion.models,
        help="Show these models run by run: each seed, next to the authors' runs.",
    ),
    results: options.Results = None,
    form: options.Form = None,
    as_json: options.Json = False,
) -> None:
    """List the models: published accuracy in %, and ours (number of runs) under both protocols."""
    from tenfold.evaluate.tables import overview_text, runs_text
    from tenfold.evaluate.tables.listing import entry_record, listing, run_by_run
    from tenfold.evaluate.tables.overview import unmeasured
    from tenfold.zoo import ENTRIES, entry

    options.refuse_two_forms(form, as_json)
    chosen = [entry(name) for name in dict.fromkeys(names or ENTRIES)]
    if form is not None:
        output.put(runs_text(chosen, results, form) if names else overview_text(results, form))
        for line in unmeasured(chosen, results) if names else ():
            output.remark(line)
        return
    record = {"models": [entry_record(one, results) for one in chosen]} if as_json else {}
    parts = run_by_run(chosen, results) if names else [listing(chosen, results)]
    output.tell(record, parts, as_json=as_json, wide=bool(names))
