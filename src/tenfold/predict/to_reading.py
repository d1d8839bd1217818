"""From the best explanation of a picture to its reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tenfold.data import BLANK, Page, View
from tenfold.data.page.components import Box
from tenfold.predict.explained import FEW, Explained
from tenfold.predict.explanation import MOST_IF_SURE, settled
from tenfold.predict.part import Part
from tenfold.predict.reading import UNKNOWN, UNSURE, Digit, Kind, Mark, Reading
from tenfold.predict.separators import alike


def reading_of(page: Page, explained: Explained) -> Reading:
    """Return the reading of a page from its best explanation."""
    view = explained.view
    if page.single:
        return _single(page, explained)
    rows = alike([settled(row) for row in explained.rows])
    if _no_numbers(rows):
        rows = [[_refused(part) for part in row] for row in rows]
    read = [part for row in rows for part in row if part.text]
    specks = [part for row in rows for part in row if not part.text]
    digits = tuple(_digit(part, page, view) for part in read if part.kind in ("digit", "unknown"))
    texts = ("".join(part.text for part in row) for row in rows)
    reason = view.reason
    if not digits and reason is None:
        reason = UNSURE if any(part.kind == "struck out" for part in specks) else BLANK
    elif digits and all(digit.digit is None for digit in digits):
        reason = UNSURE
    marks = tuple(
        Mark(_place(part.judged.candidate.box, page, view), part.kind, part.text) for part in (*read, *specks)
    )
    return Reading(
        "\n".join(filter(None, texts)) if digits else "",
        digits,
        reason,
        marks + _left(page, view),
        90 * view.turned,
        view=explained.place,
    )


def _single(page: Page, explained: Explained) -> Reading:
    """Return the likeliest digit, and the reason for doubt if there is one."""
    view = explained.view
    if not explained.rows:
        return Reading("", (), view.reason, _left(page, view))
    part = explained.rows[0][0]
    digit = replace(_digit(part, page, view), reason=UNSURE if part.cost > MOST_IF_SURE else None)
    chosen = {mark.box for mark in part.judged.candidate.marks}
    all_marks = dict.fromkeys(mark.box for one in view.rows[0].candidates for mark in one.marks)
    others = (Mark(_place(box, page, view), "unknown") for box in all_marks if box not in chosen)
    marks = (Mark(digit.box, "digit", part.text), *others, *_left(page, view))
    return Reading(part.text, (digit,), digit.reason, marks, view=explained.place)


def _no_numbers(rows: Sequence[Sequence[Part]]) -> bool:
    """Return whether most marks are not digits, as in words or noise: then none of them counts as a digit."""
    kinds = [part.kind for row in rows for part in row]
    refused, read = kinds.count("unknown"), kinds.count("digit")
    return FEW < refused and refused > read


def _refused(part: Part) -> Part:
    return replace(part, kind="unknown", text=UNKNOWN) if part.kind in ("digit", "sign") else part


def _digit(part: Part, page: Page, view: View) -> Digit:
    judged = part.judged
    sure = part.kind == "digit"
    return Digit(
        judged.digit if sure else None,
        judged.probabilities[judged.digit],
        judged.probabilities,
        _place(judged.candidate.box, page, view),
        None if sure else UNSURE,
        judged.candidate.image,
    )


def _left(page: Page, view: View) -> tuple[Mark, ...]:
    kinds: dict[str, Kind] = {"line": "line", "speck": "speck"}
    return tuple(Mark(_place(box, page, view), kinds[kind]) for box, kind in view.left)


def _place(box: Box, page: Page, view: View) -> tuple[int, int, int, int]:
    """Return left, top, width and height in pixels of the full-size upright picture."""
    height, width = page.grey.shape
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    if view.turned == 1:
        left, top, right, bottom = width - bottom, left, width - top, right
    elif view.turned == 2:
        left, top, right, bottom = width - right, height - bottom, width - left, height - top
    elif view.turned == 3:
        left, top, right, bottom = top, height - right, bottom, height - left
    scale = page.scale
    left, top, right, bottom = (place * scale for place in (left, top, right, bottom))
    if page.shape:  # its last rows and columns may have been scaled down with too few others
        right, bottom = min(right, page.shape[1]), min(bottom, page.shape[0])
    return left, top, right - left, bottom - top
