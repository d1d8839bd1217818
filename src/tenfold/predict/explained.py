"""From the explanation of a picture to its reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tenfold.data import BLANK, Page, View
from tenfold.data.page.components import Box
from tenfold.predict.explanation import Part, settled
from tenfold.predict.reading import UNKNOWN, UNSURE, Digit, Kind, Mark, Reading

FEW = 2  # so few rejected marks say nothing about the others
WIDE = 1.05  # width over height; few letters are wider
SURE = 0.02  # a wide digit with more doubt may be two
DOUBTED = 0.25  # a digit with more doubt may be two
MOST_CUT = 40.0  # heights; all marks that are cut in a picture are no wider together
LOST = 1.0  # a mark of the first view that is not seen in another one
MOST_CUT_PIXELS = 400_000  # of their boxes together
FOUND = 1.0  # a digit that is sure speaks for a view
TURNED = 3.0  # a picture that is turned; so that few digits do not turn it
MOST_READ, MOST_OF_MANY = 3, 9  # digits for each unknown mark; with more, the view is good enough
MANY = 10  # marks
LONE, ALONE = 0.7, 2.0  # a mark cut into digits without another one beside it; if one of them is a 1 or 7
LEAST_TURNED = 3  # digits; fewer do not say which way is up


@dataclass(frozen=True)
class Explained:
    """A view of a picture, and the explanation of its rows.

    ``seen`` is the number of marks that the first view explains, so that a view with less ink costs more.
    """

    place: int
    view: View
    rows: list[list[Part]]
    single: bool = False
    seen: int = 0

    def in_doubt(self, refuses: bool) -> list[tuple[int, int, float]]:
        """The row, the place and the row's height of each part that may be digits that touch.

        Only wide ones are cut if most marks are unknown, as in words, or the network does not reject halves.

        Parameters
        ----------
        refuses : bool
            See `Recogniser.refuses`.
        """
        if self.single:
            return []
        kinds = [part.kind for row in self.rows for part in row]
        words = not refuses or kinds.count("unknown") > FEW + kinds.count("digit")
        found, heights, pixels = [], 0.0, 0
        for row, parts in enumerate(self.rows):
            height = self.view.rows[row].height
            for i, part in enumerate(parts):
                wide = part.width > WIDE * height
                doubt = 1.0 if part.kind == "unknown" else part.judged.doubt if part.kind == "digit" else 0.0
                if doubt > (SURE if wide else DOUBTED) and (wide or not words):
                    found.append((row, i, height))
                    heights += part.width / height
                    pixels += part.judged.candidate.box.pixels
        return found if heights <= MOST_CUT and pixels <= MOST_CUT_PIXELS else []

    def replace(self, row: int, place: int, parts: Sequence[Part]) -> None:
        """Put the parts of a mark in its place, if they cost less."""
        alone = not any(p.kind == "digit" for i, p in enumerate(self.rows[row]) if i != place)
        strokes = any(part.text in "17" for part in parts)  # as in many letters
        cost = sum(part.cost for part in parts) + alone * (ALONE if strokes else LONE)
        if parts and cost < self.rows[row][place].cost:
            self.rows[row][place : place + 1] = parts

    @property
    def is_poor(self) -> bool:
        """Whether another view may explain much more: few marks are read."""
        kinds = [part.kind for row in self.rows for part in row]
        most = MOST_READ if len(kinds) < MANY else MOST_OF_MANY
        return not kinds or kinds.count("digit") < most * kinds.count("unknown")

    @property
    def cost(self) -> float:
        """The cost of all parts, less what digits speak for the view; infinite if there is nothing."""
        parts = [part for row in self.rows for part in row]
        digits = sum(part.kind == "digit" for part in parts)
        if not parts or (self.view.turned and (digits < LEAST_TURNED or digits < 0.8 * len(parts))):
            return float("inf")
        lost = max(0, self.seen - self.explained)
        costs = sum(part.cost for part in parts) + LOST * lost + TURNED * (self.view.turned > 0)
        return costs - FOUND * digits

    @property
    def explained(self) -> int:
        """How many digits, signs and unknown marks there are."""
        return sum(part.kind != "speck" for row in self.rows for part in row)


def reading_of(page: Page, explained: Explained) -> Reading:
    """Return the reading of a page from its best explanation."""
    view = explained.view
    if page.single:
        return _single(page, explained)
    rows = [settled(row) for row in explained.rows]
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
    digit = replace(_digit(part, page, view), reason=UNSURE if part.cost else None)
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
    height, width = np.array(page.grey.shape[:2])
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    if view.turned == 1:
        left, top, right, bottom = width - bottom, left, width - top, right
    elif view.turned == 2:
        left, top, right, bottom = width - right, height - bottom, width - left, height - top
    elif view.turned == 3:
        left, top, right, bottom = top, height - right, bottom, height - left
    scale = page.scale
    left, top, right, bottom = (int(place) * scale for place in (left, top, right, bottom))
    if page.shape:  # its last rows and columns may have been scaled down with too few others
        right, bottom = min(right, page.shape[1]), min(bottom, page.shape[0])
    return left, top, right - left, bottom - top
