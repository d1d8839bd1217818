"""A table in LaTeX."""

from __future__ import annotations

from collections.abc import Collection, Sequence

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "[": "{[}",  # at the beginning of a row it would be taken for an option of \\
        "]": "{]}",
        **{character: f"\\{character}" for character in "&%$#_{}"},
    }
)


def escaped(text: str) -> str:
    r"""Return a text that LaTeX prints as it is.

    >>> print(escaped("99.2 % of a_b & c"))
    99.2 \% of a\_b \& c
    """
    return " ".join(text.split()).translate(_SPECIAL)


def latex(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int] = (0,)
) -> str:
    """Return a ``table``, which needs no package; columns in ``left`` are left-aligned."""
    columns = "".join("l" if i in left else "r" for i in range(len(heads)))
    lines = [" & ".join(map(escaped, row)) + r" \\" for row in (heads, *rows)]
    parts = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(title)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        *(r"\hline", lines[0], r"\hline", *lines[1:], r"\hline"),
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(parts) + "\n"
