"""``tenfold data``: what images there are, fetched, verified, and checked for sense."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json

if TYPE_CHECKING:
    from tenfold.data import Contents, FileCheck, SourceStatus


def data(
    source: Data = None,
    download: Annotated[
        bool,
        typer.Option(
            "--download", help="Fetch MNIST, or the set named by --data, from its mirrors if need be."
        ),
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare each file with its SHA-256.")] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Read the data; say what is in them, and whether they look transposed, inverted, "
            "mislabelled or scaled otherwise.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """List the available data sources; download, verify and check them."""
    from tenfold import data as units
    from tenfold.cli.progress import load

    if download:
        load(source if source in units.PUBLISHED else "mnist", quiet=as_json)
    places = units.status(None if source in units.NAMES else source)
    places += units.published_status()
    files = units.verify(None if source in (None, "mnist", "mnist-5k") else source) if verify else []
    checked = _checked(source, as_json) if check else None
    if as_json:
        found: dict[str, object] = {"sources": [*map(asdict, places)], "files": [*map(asdict, files)]}
        if checked is not None:
            found |= {"contents": asdict(checked[0]), "remarks": checked[1]}
        output.emit(found)
    elif checked is None:
        _show(places, files)
    else:
        _show([], files)
        for line in [*checked[0].lines(), *checked[1], _counted(len(checked[1]))]:
            output.say(line)
    if not all(file.ok for file in files):
        output.error("expected each file as published, found others; download them: tenfold data --download")
        raise typer.Exit(3)


def _checked(source: str | None, quiet: bool) -> tuple[Contents, list[str]]:
    """Return what is in the data, and what was said when they were read, or looks wrong; usually nothing."""
    from tenfold.cli.progress import load
    from tenfold.data import contents
    from tenfold.runs.data_sense import remarks

    said: list[str] = []
    corpus = load(source, quiet=quiet, notify=said.append)
    return contents(corpus), said + remarks(corpus)


def _counted(remarks: int) -> str:
    """Return the last line of a check: how many lines before it say what to look at."""
    if remarks == 0:
        return "nothing looks wrong in the data"
    return (
        "1 remark on the data, in the line above" if remarks == 1 else f"{remarks} remarks on the data, above"
    )


def _show(places: list[SourceStatus], files: list[FileCheck]) -> None:
    rows = [
        (
            p.source,
            "no" if not p.present else "unreadable" if p.note else "yes",
            p.corpus or "-",
            _count(p.train_images),
            _count(p.test_images),
            _where(p),
        )
        for p in places
    ]
    if rows:
        output.table(("source", "there", "data", "train", "test", "where"), rows, right=(3, 4))
    for file in files:
        output.say(
            f"{'right' if file.ok else 'WRONG'}  {file.file}  {file.found or '-'}"
            + (f"  {file.note}" if file.note else "")
        )


def _count(images: int | None) -> str:
    return "-" if images is None else f"{images:,}"


def _where(place: SourceStatus) -> str:
    return f"{place.location}: {place.note}" if place.note else place.location
