"""A table in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|~&#$]")


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, in a cell or elsewhere on a line.

    >>> escaped("a|b *c* [d]")
    'a\\\\|b \\\\*c\\\\* \\\\[d\\\\]'
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int] = (0,)) -> str:
    """Return a table whose cells are shown as they are; columns in ``left`` are left-aligned."""
    return raw_markdown([*map(escaped, heads)], [[*map(escaped, row)] for row in rows], left)


def raw_markdown(heads: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int] = (0,)) -> str:
    """Return a table whose cells are Markdown already."""
    rule = "|".join("---" if i in left else "--:" for i in range(len(heads)))
    lines = [f"| {' | '.join(row)} |" for row in (heads, *rows)]
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])
