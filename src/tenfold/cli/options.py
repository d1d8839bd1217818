"""Options that several commands share, worded once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DIR|mnist|mnist-5k",
        help="A folder of IDX files, a Kaggle CSV or a folder of pictures by digit; or a name. "
        "By default $TENFOLD_DATA, the cache, a download, the sample mnist-5k.",
    ),
]
Results = Annotated[
    Path | None,
    typer.Option("--results", help="The folder of the ledger; by default the one that comes with tenfold."),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A model of the zoo: see `tenfold models`.")]


class Protocol(StrEnum):
    """How choices are made."""

    honest = "honest"
    published = "published"
