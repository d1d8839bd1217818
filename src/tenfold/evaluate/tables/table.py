"""A table of texts, and the formats that it can be written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenfold.evaluate.tables.csv_text import csv_text
from tenfold.evaluate.tables.latex import latex
from tenfold.evaluate.tables.markdown import escaped, markdown
from tenfold.registry import unknown

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Table:
    """Texts in rows and columns.

    Attributes
    ----------
    title : str
    heads : tuple of str
    rows : tuple of tuple of str
        As long as the heads.
    left : tuple of int
        The left-aligned columns; numbers are right-aligned.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: tuple[int, ...] = (0,)

    def to_markdown(self) -> str:
        """As a table of GitHub's Markdown, without the title."""
        return markdown(self.heads, self.rows, self.left)

    def to_latex(self) -> str:
        """As a ``table`` with the title as its caption; it needs no package."""
        return latex(self.title, self.heads, self.rows, self.left)


def _markdown(tables: Sequence[Table], records: Records) -> str:
    return "\n\n".join(f"**{escaped(table.title)}**\n\n{table.to_markdown()}" for table in tables) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Table], Records], str]] = {
    "csv": lambda tables, records: csv_text(records),
    "markdown": _markdown,
    "latex": lambda tables, records: "\n".join(table.to_latex() for table in tables),
}
"""How figures are written: Markdown and LaTeX as tables for people, CSV as records with every digit."""


def written(tables: Sequence[Table], records: Records, form: str) -> str:
    """Return tables or records as text.

    Parameters
    ----------
    tables : sequence of Table
        For Markdown and LaTeX.
    records : sequence of mapping
        The same figures for CSV, all with the same keys.
    form : {"csv", "markdown", "latex"}

    Raises
    ------
    ConfigError
        If there is no such format.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    return FORMATS[form](tables, records)
