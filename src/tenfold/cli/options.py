"""Options that several commands share, worded once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tenfold.errors import ConfigError
from tenfold.runs import completion
from tenfold.runs.protocol import Protocol, Watching

Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="NAME|PATH",
        autocompletion=completion.image_sets,
        help="A name (mnist, mnist-5k, fashion-mnist, kmnist, qmnist, emnist-letters, cifar10, ...), or a "
        "folder or file: IDX, CSV, .npz, .npy, Parquet, pictures by class. "
        "PATH:PART names a part, as train.csv:class. "
        "By default $TENFOLD_DATA, the cache, a download, the sample mnist-5k.",
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The certificate for TLS, PEM; loaded again when it is renewed."),
]
TlsKey = Annotated[Path | None, typer.Option(metavar="FILE", help="The key of --tls-cert, PEM.")]
Results = Annotated[
    Path | None,
    typer.Option("--results", help="The results folder; by default the one that comes with tenfold."),
]
Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="A model: see `tenfold models`. Not needed with --network.",
        autocompletion=completion.trainable,
    ),
]
Network = Annotated[
    list[str] | None,
    typer.Option(
        "--network",
        metavar="FILE.py[:FUNCTION]",
        help="Your own network: a Python file with a function build, or the one that you name, that returns "
        "it. Also needed to open a run with layers of your own. The file's code is run.",
    ),
]
Epochs = Annotated[
    int | None, typer.Option("--epochs", min=1, help="The number of epochs; by default the recipe's.")
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        help="Trials at a time; they share the cores. By default one, or what a cluster has room for.",
        show_default=False,
    ),
]
On = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="local|slurm|ray|ray://HOST:PORT",
        help="Where trials run: on this machine, on a Slurm cluster (tenfold[slurm]) or on a Ray cluster "
        "(tenfold[ray]); slurm:local tries the former without a queue.",
    ),
]
Cores = Annotated[
    int | None, typer.Option("--cores", min=1, help="On a cluster: cores of each trial, or command.")
]
Memory = Annotated[
    int | None, typer.Option("--memory", min=1, help="On a cluster: MiB of each trial, or command.")
]
Minutes = Annotated[
    int | None, typer.Option("--minutes", min=1, help="On Slurm: time of each trial, or command.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


Watch = Annotated[
    Watching | None,
    typer.Option(
        "--watch",
        help="Evaluate these images after each epoch too; no choice depends on them. By default the test "
        "images under the published protocol if the authors did so, otherwise none. `validation`: if the "
        "model makes no choices, a sixth of the training images is held out for it. `test`: under the "
        "published protocol only.",
        show_default=False,
    ),
]
EvaluateTrain = Annotated[
    bool, typer.Option("--evaluate-train", help="Evaluate all training images after each epoch too.")
]
Choices = Annotated[
    Protocol, typer.Option("--protocol", help="Choose on held-out training images, or as the authors did.")
]


PredictionsTable = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Write the predictions of every image as a table (predict: - for stdout).",
    ),
]


class Format(StrEnum):
    """How tables are written."""

    csv = "csv"
    markdown = "markdown"
    latex = "latex"


Form = Annotated[
    Format | None, typer.Option("--format", help="Print tables as Markdown or LaTeX, or every digit as CSV.")
]


def refuse_two_forms(form: Format | None, as_json: bool) -> None:
    """Refuse ``--format`` together with ``--json``."""
    if form is not None and as_json:
        raise ConfigError("--format and --json: expected one of them, got both; leave one out")


TokenFile = Annotated[
    Path | None,
    typer.Option(help="The file with the token that all workers know; by default $TENFOLD_TOKEN."),
]
