"""The layers of a network as a table that prints itself, in a terminal and in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenfold.evaluate.tables import Table
    from tenfold.nn import LayerRow


@dataclass(frozen=True)
class Summary:
    """The layers of a network with their output shapes, parameters and operations.

    ``print(model.summary())`` prints the table; so does a cell that ends with ``model.summary()``.

    Attributes
    ----------
    name : str
    rows : tuple of LayerRow
    """

    name: str
    rows: tuple[LayerRow, ...]

    @property
    def total(self) -> str:
        """Return the sums over all layers, in words."""
        parameters, flops = (sum(getattr(row, of) for row in self.rows) for of in ("parameters", "flops"))
        return f"{parameters:,} parameters; {flops:,} floating-point operations for one image, forward"

    def __str__(self) -> str:
        heads, texts = self.table.heads, self.table.rows
        widths = [max(len(row[place]) for row in (heads, *texts)) for place in range(len(heads))]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
            for row in (heads, *texts)
        ]
        return "\n".join([self.name, *(line.rstrip() for line in lines), self.total])

    __repr__ = __str__

    @property
    def table(self) -> Table:
        """Return a row for each layer."""
        from tenfold.evaluate.tables.listing import layer_table

        return layer_table(self.name, self.rows)

    def _repr_html_(self) -> str:
        from tenfold.pages.cells import cell, table, words

        return cell(self.name, table(self.table.heads, self.table.rows, left=2), words(self.total))
