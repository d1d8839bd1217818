"""``tenfold export RUN|shipped FILE``: a trained network as an ONNX file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer

from tenfold.cli import options, output
from tenfold.files.named_folders import writing_to
from tenfold.runs import completion


class Pixels(StrEnum):
    """What the exported network takes."""

    float32 = "float32"
    uint8 = "uint8"


def export(
    run: str = typer.Argument(
        ...,
        metavar="RUN|shipped|zoo:NAME",
        autocompletion=completion.runs,
        help="The folder of a finished run, the built-in network (shipped), or a trained network of the "
        "zoo; ./shipped is a folder of that name.",
    ),
    file: Path = typer.Argument(..., metavar="FILE", help="Where to, for instance digits.onnx."),
    pixels: Pixels = typer.Option(
        Pixels.float32,
        "--input",
        help="Images as float32 (N, 28, 28, 1), 0-1, or uint8 (N, 28, 28); other sizes by the run.",
    ),
    opset: int = typer.Option(
        17, help="The version of ONNX's operators, 11 to 17; older programs need an older one."
    ),
    network: options.Network = None,
    force: bool = typer.Option(False, "--force", help="Replace the file if it is there."),
    as_json: options.Json = False,
) -> None:
    """Write a trained network to an ONNX file."""
    from tenfold.export import export_onnx
    from tenfold.runs.models import Models
    from tenfold.runs.opened import open_model

    model = open_model(run, Models.of(network))
    with writing_to(file.parent, "FILE"):
        path = export_onnx(model, file, pixels=pixels.value, opset=opset, overwrite=force)
    size = path.stat().st_size
    found = {"model": model.name, "run": run, "file": str(path), "bytes": size, "input": pixels}
    output.tell(found, [f"{path}: {model.name}, {size:,} bytes, images as {pixels}"], as_json=as_json)
