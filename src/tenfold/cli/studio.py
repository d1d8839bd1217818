"""``tenfold studio``: pages on which networks are trained and watched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenfold.cli import completion, output
from tenfold.cli.options import Network
from tenfold.extras import require

_NEEDED = ("fastapi", "httptools", "prometheus_client", "uvicorn")


def studio(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8100,
    folder: Annotated[Path, typer.Option("--runs", metavar="FOLDER", help="The folder of the runs.")] = Path(
        "runs"
    ),
    source: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="NAME|PATH",
            autocompletion=completion.image_sets,
            help="The data that the page offers first; see `tenfold data`.",
        ),
    ] = None,
    network: Network = None,
) -> None:
    """Train networks in a browser and watch how they learn, on this machine only."""
    require("studio", "serve", *_NEEDED)
    from tenfold.studio.server import studio as serve_until_stopped
    from tenfold.studio.settings import StudioSettings

    serve_until_stopped(StudioSettings(port, folder, source, tuple(network or ())), _show)
    output.remark("stopped; trainings that go on are not ended")


def _show(address: str) -> None:
    output.remark(f"studio: open {address} in a browser; Ctrl-C ends it, and no training")
