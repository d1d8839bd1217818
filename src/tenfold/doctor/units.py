"""Counts and sizes in words."""

from __future__ import annotations


def number(count: int, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> number(1, "file"), number(2, "file")
    ('1 file', '2 files')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def megabytes(size: float) -> str:
    """Return a number of bytes in the unit that is read best.

    Examples
    --------
    >>> megabytes(2_046_123), megabytes(81_000_000_000)
    ('2.0 MB', '81.0 GB')
    """
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"
