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


def message(error: BaseException, most: int = 200) -> str:
    """Return what an error of Python or of a library says, on one line, cut where it is long.

    Its text is not ours: it may quote a whole file, break lines or be empty.

    Examples
    --------
    >>> message(KeyError("seed")), message(ValueError()), message(ValueError("x" * 1000), most=10)
    ("no 'seed'", 'ValueError', 'xxxxxxx...')
    """
    text = " ".join(("no " + str(error) if isinstance(error, KeyError) else str(error)).split())
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text) or type(error).__name__
    return text if len(text) <= most else text[: most - 3] + "..."
