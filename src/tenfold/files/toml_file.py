"""Files in TOML, which people write."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tenfold.errors import ConfigError
from tenfold.files.reading import read_bounded
from tenfold.files.storage import shown
from tenfold.quoting import message


def read_toml(path: Path, max_bytes: int) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ConfigError
        If it cannot be read, is larger than ``max_bytes``, or is not TOML.
    """
    content = read_bounded(path, max_bytes, ConfigError)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{shown(path)}: expected TOML in UTF-8, got something else; save it as UTF-8"
        ) from error
    return parse_toml(text, where=shown(path))


def parse_toml(text: str, *, where: str) -> dict[str, Any]:
    """Parse TOML.

    Raises
    ------
    ConfigError
        If it is not TOML. The message begins with ``where``.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{where}: expected TOML, got something else ({message(error)}); correct it"
        ) from error
