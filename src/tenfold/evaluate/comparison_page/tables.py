"""Tables that may be wider than a phone."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.evaluate.page.markup import Html, el


def wide_table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[Html]], class_: str = "numbers"
) -> Html:
    """A table of numbers; the first cell of a row is its head."""
    table = el(
        "table",
        el("caption", el("span", caption)),
        el("thead", el("tr", *(el("th", name, scope="col") for name in heads))),
        el("tbody", *(el("tr", *row) for row in rows)),
        class_=class_,
    )
    return el("div", table, class_="wide", tabindex="0", role="region", aria_label=caption)
