"""The table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure, and what it should be.

    Attributes
    ----------
    name, unit : str
    value : float
    at_least, at_most : float or None
        The target.
    """

    name: str
    unit: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is; None where there is none."""
        if self.at_least is None and self.at_most is None:
            return None
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    width = max(len(row.name) for row in rows)
    for row in rows:
        target = "" if row.at_least is None else f"at least {row.at_least:g}"
        target = target or ("" if row.at_most is None else f"at most {row.at_most:g}")
        target = f"exactly {row.at_most:g}" if row.at_least == row.at_most is not None else target
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        print(f"{row.name:{width}}  {_shown(row.value):>10} {row.unit:<12} {target:<15} {verdict}".rstrip())


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
