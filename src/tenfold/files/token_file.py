"""The token that those share who may call one another."""

from __future__ import annotations

import os
from pathlib import Path

from tenfold.errors import ConfigError
from tenfold.files.reading import read_bounded

TOKEN_VARIABLE = "TENFOLD_TOKEN"
SHORTEST_TOKEN = 16  # characters


def read_token(file: Path | None) -> str | None:
    """Return the token from a file, or else from the environment; None if there is none.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    if file is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    return read_bounded(file, 4096, ConfigError).decode("utf-8", "replace").strip()


def shared_token(file: Path | None, option: str) -> str:
    """Return the token from a file, or else from the environment.

    Raises
    ------
    ConfigError
        If there is none, or it is so short that it can be guessed; the option that needs it is named.
    """
    token = read_token(file)
    if token is None or len(token) < SHORTEST_TOKEN:
        found = "none" if token is None else f"one of {len(token)} characters"
        raise ConfigError(
            f"{option}: expected a token of at least {SHORTEST_TOKEN} characters, because other machines can "
            f"call, got {found}; set ${TOKEN_VARIABLE} or give a file with --token-file"
        )
    return token
