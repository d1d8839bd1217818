"""Values in messages: on one line, and no longer than a glance."""

from __future__ import annotations


def quoted(value: object, most: int = 60) -> str:
    """Return how Python writes a value, cut where it is long: it may come from a file, and fill it.

    Examples
    --------
    >>> quoted("adam"), quoted("x" * 1000, most=10)
    ("'adam'", "'xxxxxx...")
    """
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number too large to be written"
    return text if len(text) <= most else text[: most - 3] + "..."
