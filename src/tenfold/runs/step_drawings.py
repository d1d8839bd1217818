"""``predict --show``: the steps from a picture to its digits, each picture's in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.files import shown
from tenfold.files.named_folders import write_named

if TYPE_CHECKING:
    from tenfold.data import Page
    from tenfold.predict import Reading


def drawings(files: Sequence[Path], show: Path) -> Sequence[Path]:
    """Return where the steps of each file are drawn; several files are numbered, for names may be alike.

    Parameters
    ----------
    files : sequence of Path
        Pictures.
    show : Path
        A folder, or of one picture a PNG.

    Raises
    ------
    ConfigError
        If a drawing would replace a picture.
    """
    if show.suffix.lower() == ".png":
        paths = [show]
    elif len(files) == 1:
        paths = [show / f"{files[0].stem}-steps.png"]
    else:
        paths = [show / f"{number:03d}-{file.stem}-steps.png" for number, file in enumerate(files, start=1)]
    for path in paths:
        if any(path.exists() and file.exists() and path.samefile(file) for file in files):
            raise ConfigError(
                f"--show: expected a path other than the pictures, got {shown(path)}, which is one of them; "
                "name another folder"
            )
    return paths


def draw(page: Page, reading: Reading, file: Path, path: Path) -> None:
    """Write the picture of the steps from a page to its reading."""
    from tenfold.evaluate import figures

    picture = figures.png(figures.reading_steps(page, reading, file.name))
    write_named(path, picture, "--show")
