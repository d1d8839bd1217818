"""``tenfold data``: what images there are, fetched and verified."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json

if TYPE_CHECKING:
    from tenfold.data import FileCheck, SourceStatus


def data(
    source: Data = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch MNIST from its mirrors if need be.")
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare each file with its SHA-256.")] = False,
    as_json: Json = False,
) -> None:
    """List the available data sources; download and verify MNIST."""
    from tenfold import data as units
    from tenfold.cli.downloading import load

    if download:
        load("mnist", quiet=as_json)
    named = None if source in (None, "mnist", "mnist-5k") else source
    places = units.status(named)
    files = units.verify(named) if verify else []
    if as_json:
        output.emit(
            {"sources": [asdict(place) for place in places], "files": [asdict(file) for file in files]}
        )
    else:
        _show(places, files)
    if not all(file.ok for file in files):
        raise typer.Exit(3)


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
