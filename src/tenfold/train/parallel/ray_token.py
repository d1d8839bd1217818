"""The token of a Ray cluster: Ray uses one that it finds, but Ray Client only if it is told to."""

from __future__ import annotations

import os
from pathlib import Path

_MODE = "RAY_AUTH_MODE"
_GIVEN = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
_FILE = ".ray/auth_token"  # in the home folder, where `ray start` puts it


def use_token() -> None:
    """Have Ray use the token that is there, also with ``ray://``; to be called before Ray is imported.

    Without it the cluster refuses Ray Client, which says only that it waited too long.
    """
    if _MODE in os.environ:
        return
    if any(os.environ.get(name) for name in _GIVEN) or (Path.home() / _FILE).is_file():
        os.environ[_MODE] = "token"
