"""The folders that a command writes into."""

from __future__ import annotations

from pathlib import Path

from tenfold.errors import ConfigError
from tenfold.files import reason


def make_folder(folder: Path, option: str) -> None:
    """Make the folder, and those above it, if they are not there; ``option`` is what named it.

    Raises
    ------
    ConfigError
        If that is not possible.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{folder}: expected a folder that can be written, but {reason(error)}; choose another: {option}"
        ) from error
