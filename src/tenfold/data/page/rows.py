"""Orders the pieces of ink of a page in rows, as a person reads them.

All lengths are relative to the height of the writing, so that the picture's size does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenfold.data.page.components import Mark

LYING = 1.5  # width over height; a wider piece is probably lower than its digit
BESIDE = 0.4  # of the lower one's height; what shares this much vertically is in one row
SMALL = 0.45  # of the height of the writing; lower pieces do not make a row if higher ones do
_ABOVE = 0.3  # of the height; the widest gap between two halves of a digit, one above the other
_HIGHEST = 1.4  # of the height; a digit in pieces is not higher


@dataclass(frozen=True)
class Row:
    """The pieces of one written row, from left to right, and the height of its writing."""

    pieces: tuple[Mark, ...]
    height: float


def written_height(pieces: Sequence[Mark]) -> float:
    """Return the height of the writing in pixels: half of the ink is in pieces at least this high."""
    if len(pieces) == 1:
        return float(pieces[0].box.height)
    lengths = np.array([min(piece.box.size, LYING * piece.box.height) for piece in pieces])
    order = np.argsort(lengths)[::-1]
    reached = np.cumsum(np.array([piece.area for piece in pieces], np.float64)[order])
    return float(lengths[order][np.searchsorted(reached, reached[-1] / 2)])


def in_rows(pieces: Sequence[Mark]) -> list[Row]:
    """Divide pieces into rows from top to bottom.

    A row may slope: what it holds only has to be next to its left neighbour. Small pieces, such as dots and
    bars, are in the row of the nearest higher one.
    """
    if not pieces:
        return []
    height = written_height(pieces)
    stacked = _stacked(pieces, height)
    high = [whole for whole in stacked if whole.box.height >= SMALL * height] or stacked
    rows = _side_by_side(high)
    by_label = {label: piece for piece in pieces for label in piece.labels}
    found = [list(dict.fromkeys(by_label[label] for whole in row for label in whole.labels)) for row in rows]
    taken = {label for row in rows for whole in row for label in whole.labels}
    for piece in pieces:
        if piece.labels[0] not in taken:
            found[_nearest(piece, rows)].append(piece)
    return [
        Row(
            tuple(sorted(row, key=lambda piece: piece.box.left + piece.box.right)),
            written_height(wholes),
        )
        for row, wholes in zip(found, rows, strict=True)
    ]


def _stacked(pieces: Sequence[Mark], height: float) -> list[Mark]:
    """Join pieces one above the other, or one in the other, that are no higher than a digit together."""
    wholes: list[Mark] = []
    boxes = np.empty((4, len(pieces)), np.int64)  # left, top, right and bottom of each whole
    for piece in sorted(pieces, key=lambda piece: piece.area, reverse=True):
        left, top, right, bottom = boxes[:, : len(wholes)]
        box = piece.box
        shared = np.minimum(right, box.right) - np.maximum(left, box.left)
        down = np.maximum(top, box.top) - np.minimum(bottom, box.bottom)
        both = np.maximum(bottom, box.bottom) - np.minimum(top, box.top)
        fits = (
            (shared >= 0.5 * np.minimum(right - left, box.width))
            & (down <= _ABOVE * height)
            & (both <= np.maximum(_HIGHEST * height, bottom - top))
        )
        if fits.any():
            i = int(np.argmax(fits))
            wholes[i] = Mark.of((wholes[i], piece))
        else:
            i = len(wholes)
            wholes.append(piece)
        box = wholes[i].box
        boxes[:, i] = box.left, box.top, box.right, box.bottom
    return wholes


def _side_by_side(marks: Sequence[Mark]) -> list[list[Mark]]:
    rows: list[list[Mark]] = []
    ends = np.empty((2, len(marks)))  # top and bottom of the last mark of each row
    for mark in sorted(marks, key=lambda mark: mark.box.left):
        top, bottom = ends[:, : len(rows)]
        shared = np.minimum(bottom, mark.box.bottom) - np.maximum(top, mark.box.top)
        fraction = shared / np.minimum(bottom - top, mark.box.height)  # of the lower mark's height
        row = int(np.argmax(fraction)) if rows else 0
        if rows and fraction[row] >= BESIDE:
            rows[row].append(mark)
        else:
            row = len(rows)
            rows.append([mark])
        ends[:, row] = mark.box.top, mark.box.bottom
    return sorted(rows, key=lambda row: float(np.mean([m.box.top + m.box.bottom for m in row])))


def _nearest(piece: Mark, rows: Sequence[Sequence[Mark]]) -> int:
    """Return the row with the nearest mark; a gap down counts twice, because rows lie below one another."""

    def away(mark: Mark) -> float:
        across, down = piece.box.gaps(mark.box)
        return max(across, 0) + 2 * max(down, 0)

    return min(range(len(rows)), key=lambda i: min(map(away, rows[i])))
