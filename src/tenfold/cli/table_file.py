"""``--csv FILE``: where a table of predictions is written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tenfold.errors import ConfigError
from tenfold.files import open_regular, shown, write_atomically
from tenfold.files.named_folders import writing_to

Table = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Write the predictions of every image as a table (predict: - for stdout).",
    ),
]
_OURS = (b"ImageId,Label", b"model,", b"file,text,", b"file,class,")  # how our tables begin


def refuse_other_file(path: Path | None) -> None:
    """Refuse to write a table over anything but an older table: it may be what is to be read.

    Raises
    ------
    ConfigError
    """
    if path is None or not os.path.lexists(path):
        return
    try:
        with open_regular(path, ConfigError) as stream:
            ours = stream.read(16).startswith(_OURS)
    except ConfigError:
        ours = False
    if not ours:
        raise ConfigError(
            f"--csv: expected a new file or an older table of predictions, got {shown(path)}, which is "
            "something else; name another file"
        )


def write_table(path: Path, text: str) -> None:
    """Write a table, whole or not at all.

    Raises
    ------
    ConfigError, StorageError
        If it cannot be written there.
    """
    with writing_to(path.parent, "--csv"):
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode("utf-8", "backslashreplace")  # names of files may be of any bytes
        write_atomically(path, content)
