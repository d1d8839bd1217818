"""Records as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any


def csv_text(records: Sequence[Mapping[str, Any]]) -> str:
    """Return records as CSV (RFC 4180, lines ended by a line feed); an empty cell means ``None``.

    Parameters
    ----------
    records : sequence of mapping
        All with the same keys, which become the first line; numbers keep every digit.

    Examples
    --------
    >>> print(csv_text([{"model": "a, b", "loss": 0.25}, {"model": "c", "loss": None}]), end="")
    model,loss
    "a, b",0.25
    c,
    """
    if not records:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()
