"""The variable that tells how many threads to take, read before Numba reads it too."""

from __future__ import annotations

import os

THREADS = "NUMBA_NUM_THREADS"


def told_threads() -> int | None:
    """Return how many threads the environment names; None if it names none, or no number above 0."""
    told = os.environ.get(THREADS, "")
    return int(told) or None if told.isdecimal() and len(told) < 10 else None


def forget_odd_numbers() -> None:
    """Take the variable away where it holds no number above 0: Numba could not be imported, or would warn."""
    if told_threads() is None:
        os.environ.pop(THREADS, None)
