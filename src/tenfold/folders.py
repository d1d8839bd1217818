"""Where tenfold keeps what it can make or fetch again."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "TENFOLD_CACHE"


def cache_folder() -> Path:
    """Return ``$TENFOLD_CACHE``, or the user's cache folder of the operating system; it may not exist."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(os.path.expanduser(chosen))
    import platformdirs

    return Path(platformdirs.user_cache_dir("tenfold", appauthor=False))
