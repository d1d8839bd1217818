"""``tenfold data``: what images there are, fetched, verified, and checked for sense."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import typer

from tenfold.cli import options, output, progress


def data(
    source: options.Data = None,
    download: bool = typer.Option(
        False, "--download", help="Fetch MNIST, or the set named by --data, from its mirrors if need be."
    ),
    verify: bool = typer.Option(False, "--verify", help="Compare each file with its SHA-256."),
    check: bool = typer.Option(
        False,
        "--check",
        help="Read the data; say what is in them, and whether they look transposed, inverted, "
        "mislabelled or scaled otherwise.",
    ),
    as_json: options.Json = False,
) -> None:
    """List the available data sources; download, verify and check them."""
    from tenfold import data as units
    from tenfold.data.status import SOURCE_COLUMNS
    from tenfold.runs.data_sense import check_data

    if download:
        progress.load(source if source in units.PUBLISHED else "mnist", quiet=as_json)
    places = units.status(None if source in units.NAMES else source)
    places += units.published_status()
    files = units.verify(None if source in (None, "mnist", "mnist-5k") else source) if verify else []
    checked = check_data(source, partial(progress.load, quiet=as_json)) if check else None
    if as_json:
        found: dict[str, object] = {"sources": [*map(asdict, places)], "files": [*map(asdict, files)]}
        output.emit(found | ({} if checked is None else checked.to_dict()))
    elif checked is None:
        output.table(SOURCE_COLUMNS, [place.row for place in places], right=(3, 4))
    if not as_json:
        for line in [*map(str, files), *([] if checked is None else checked.lines())]:
            output.say(line)
    if not all(file.ok for file in files):
        output.error("expected each file as published, found others; download them: tenfold data --download")
        raise typer.Exit(3)
