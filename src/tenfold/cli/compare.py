"""``tenfold compare A B...``: which of several models is better, and how sure that is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from tenfold.cli import options, output, progress
from tenfold.runs import completion
from tenfold.runs.protocol import Protocol


def compare(
    names: list[str] = typer.Argument(
        ...,
        metavar="A B...",
        autocompletion=completion.models_and_runs,
        help="Models with trials, folders of finished runs, or NAME-honest for NAME's honest trials.",
    ),
    network: options.Network = None,
    out: Path = typer.Option(Path("comparison"), help="Folder of the page comparison.html."),
    protocol: Protocol | None = typer.Option(
        None, help="The protocol of the trials; by default honest, if there are such trials."
    ),
    results: options.Results = None,
    source: options.Data = None,
    form: options.Form = None,
    as_json: options.Json = False,
) -> None:
    """Compare models on the same test images: over images, over seeds, in plain words and as a page."""
    from tenfold.runs.compared import compare_named
    from tenfold.runs.models import Models

    options.refuse_two_forms(form, as_json)
    found = compare_named(
        names,
        Models.of(network),
        partial(progress.load, quiet=True),
        results=results,
        protocol=None if protocol is None else protocol.value,
        source=source,
        out=out,
        notice=output.remark,
    )
    if form is None:
        output.tell(found.to_dict(), found.lines(), as_json=as_json)
    else:
        output.put(found.written(form))
    if not as_json:
        output.remark(f"page {found.page}")
