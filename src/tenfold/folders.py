"""The cache folder of the user, for downloads and compiled code."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "TENFOLD_CACHE"


def cache_folder() -> Path:
    """Return ``$TENFOLD_CACHE``, or the operating system's cache folder of this user. It may not exist."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(os.path.expanduser(chosen))
    import platformdirs

    return Path(platformdirs.user_cache_dir("tenfold", appauthor=False))
