"""``tenfold compare A B...``: which of several models is better, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Protocol, Results

if TYPE_CHECKING:
    from tenfold.evaluate.comparison import Comparison


def compare(
    names: Annotated[
        list[str], typer.Argument(metavar="A B...", help="Models with trials, or folders of finished runs.")
    ],
    out: Annotated[Path | None, typer.Option(help="Write the page comparison.html into this folder.")] = None,
    protocol: Annotated[
        Protocol | None, typer.Option(help="Of the trials; by default honest where there are such.")
    ] = None,
    results: Results = None,
    source: Data = None,
    as_json: Json = False,
) -> None:
    """Compare models on the same test images: over images, over seeds, in plain words."""
    from tenfold.cli.contenders import contender, test_images
    from tenfold.evaluate.comparison import compare as compared

    chosen = None if protocol is None else protocol.value
    contenders = [contender(name, results=results, protocol=chosen, source=source) for name in names]
    found = compared(contenders)
    page = None
    if out is not None:
        from tenfold.evaluate.command import command
        from tenfold.evaluate.comparison_page import write_comparison

        test, why = test_images(contenders, source)
        if why is not None:
            output.remark(f"no pictures of digits: {why}")
        options = {"--protocol": chosen, "--results": results, "--data": source, "--out": out}
        page = write_comparison(found, test, out, command("tenfold", "compare", *names, options=options))
    if as_json:
        output.emit(found.to_dict() | {"page": None if page is None else str(page)})
        return
    _show(found)
    if page is not None:
        output.say(f"page {page}")


def _show(found: Comparison) -> None:
    """Print what was found."""
    from tenfold.evaluate.comparison import pair_lines

    for place, pair in enumerate(found.pairs):
        if place:
            output.say("")
        for line in pair_lines(pair, len(found.pairs)):
            output.say(line)
