"""Values and error texts in messages: one line, limited length."""

from __future__ import annotations


def quoted(value: object, most: int = 60) -> str:
    """Return the ``repr`` of a value, truncated, because a value from a file can be very long.

    Examples
    --------
    >>> quoted("adam"), quoted("x" * 1000, most=10)
    ("'adam'", "'xxxxxx...")
    """
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write integers of more than 4,300 digits
        return "a number too large to show"
    text = " ".join(text.split()) if "\n" in text else text  # an array has several lines
    return text if len(text) <= most else text[: most - 3] + "..."


def message(error: BaseException, most: int = 200) -> str:
    """Return the text of any exception on one line, truncated.

    The text of other libraries may quote a whole file, contain line breaks or be empty.

    Examples
    --------
    >>> message(KeyError("seed")), message(ValueError()), message(ValueError("x" * 1000), most=10)
    ("no 'seed'", 'ValueError', 'xxxxxxx...')
    """
    text = " ".join(("no " + str(error) if isinstance(error, KeyError) else str(error)).split())
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text) or type(error).__name__
    return text if len(text) <= most else text[: most - 3] + "..."
