"""Dates with slashes: a slash resembles a 1, but two strokes that make a date of a row are slashes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from tenfold.predict.costs import UNEXPLAINED
from tenfold.predict.part import Part
from tenfold.predict.row_signs import Places
from tenfold.predict.signs import SIGNS_COST

LIKELY = 3.0  # log-odds that a row which may be a date is one, and no number with two 1s at these places
LEAST = -2.5  # log-odds of either stroke as a slash
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(?:\d\d|[12]\d{3})")
_DAYS, _MONTHS = 31, 12


def with_slashes(parts: Sequence[Part], places: Places) -> list[Part]:
    """Return the parts of a row, with slashes where 1s or rejected strokes make it a date."""
    written = [i for i, part in enumerate(parts) if part.kind != "speck"]
    odds = {i: value for i in written if (value := _odds(parts[i], places)) is not None and value > LEAST}
    text = {i: parts[i].text for i in written}
    dates = {
        pair: sum(odds[i] for i in pair)
        for pair in combinations(odds, 2)
        if is_date("".join("/" if i in pair else text[i] for i in written))
    }
    best = max(dates, key=dates.__getitem__, default=())
    if not best or dates[best] + LIKELY < 0:
        return list(parts)
    return [
        Part(part.judged, "sign", "/", SIGNS_COST["/"]) if i in best else part for i, part in enumerate(parts)
    ]


def is_date(text: str) -> bool:
    """Return whether a text is a day, a month and a year, or a month, a day and a year.

    Examples
    --------
    >>> is_date("12/05/2024"), is_date("5/31/24"), is_date("31/31/2024")
    (True, True, False)
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    low, high = sorted(map(int, found.groups()))
    return 1 <= low <= _MONTHS and high <= _DAYS


def _odds(part: Part, places: Places) -> float | None:
    """Return the log-odds of a part as a slash; None of other digits than 1, and of other signs."""
    if part.text == "/":
        return UNEXPLAINED
    return places.slash_odds(part.judged.candidate) if part.text in ("1", "?") else None
