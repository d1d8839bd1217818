"""``tenfold compare A B...``: which of several models is better, and how sure that is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import completion, output
from tenfold.cli.options import Data, Form, Json, Network, Results
from tenfold.errors import ConfigError
from tenfold.files.named_folders import writing_to
from tenfold.runs.protocol import Protocol

if TYPE_CHECKING:
    from tenfold.evaluate.comparison import Comparison

COMPARISON = Path("comparison")


def compare(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="A B...",
            autocompletion=completion.models_and_runs,
            help="Models with trials, folders of finished runs, or NAME-honest for NAME's honest trials.",
        ),
    ],
    network: Network = None,
    out: Annotated[Path, typer.Option(help="Folder of the page comparison.html.")] = COMPARISON,
    protocol: Annotated[
        Protocol | None,
        typer.Option(help="The protocol of the trials; by default honest, if there are such trials."),
    ] = None,
    results: Results = None,
    source: Data = None,
    form: Form = None,
    as_json: Json = False,
) -> None:
    """Compare models on the same test images: over images, over seeds, in plain words and as a page."""
    from tenfold.cli.progress import load
    from tenfold.evaluate.comparison import compare as compared
    from tenfold.evaluate.wording import command
    from tenfold.runs.comparison_inputs import models_to_compare
    from tenfold.runs.models import Models

    if form is not None and as_json:
        raise ConfigError("--format and --json: expected one of them, got both; leave one out")
    chosen = None if protocol is None else protocol.value
    quietly = partial(load, quiet=True)
    found = compared(
        models_to_compare(
            names,
            results=results,
            protocol=chosen,
            source=source,
            load=quietly,
            models=Models.of(network),
        )
    )
    options = {
        "--protocol": chosen,
        "--results": results,
        "--data": source,
        "--out": None if out == COMPARISON else out,
    }
    words = [*names, *(word for one in network or () for word in ("--network", one))]
    page = _draw(found, source, out, command("tenfold", "compare", *words, options=options))
    if as_json:
        output.emit(found.to_dict() | {"page": str(page)})
        return
    if form is not None:
        _put(found, form)
    else:
        _show(found)
    output.remark(f"page {page}")


def _show(found: Comparison) -> None:
    """Print what was found, and what limits it."""
    from tenfold.evaluate.comparison import pair_lines, warnings

    for place, pair in enumerate(found.pairs):
        if place:
            output.say("")
        for line in pair_lines(pair, len(found.pairs)):
            output.say(line)
    for name, text in warnings(found.models):
        output.say(f"{name}: {text}")


def _put(found: Comparison, form: str) -> None:
    """Print tables in a format: the models, the pairs, and every run."""
    from tenfold.evaluate.comparison.tables import comparison_tables, runs_records
    from tenfold.evaluate.tables import written

    output.put(written(comparison_tables(found), runs_records(found), form))


def _draw(found: Comparison, source: str | None, out: Path, command: str) -> Path:
    """Write the page, with pictures where the images are at hand."""
    from tenfold.evaluate.comparison_page import write_comparison
    from tenfold.runs.comparison_inputs import test_images

    test, why = test_images(found.models, source)
    if why is not None:
        images = "digits" if all(one.digits for one in found.models) else "the images"
        output.remark(f"no pictures of {images}: {why}")
    with writing_to(out, "--out"):
        return write_comparison(found, test, out, command)
