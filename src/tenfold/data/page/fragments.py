"""Joins the pieces of broken strokes: chalk, pencil and faint ink leave gaps."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import reduce

import numpy as np

from tenfold.data.page.components import Box, Mark, Marks
from tenfold.data.page.rows import written_height

GAP = 1.5  # stroke widths; pieces closer than this may be the same stroke
_BREAK = 0.1  # of the height of the writing; largest gap in a thin stroke
_WIDEST = 1.1  # width over height of a digit in pieces
_HIGHEST = 1.5  # of the height of the writing
_COLUMN = 1.8  # height over width; more, of pieces wider than strokes, are digits one below the other
_OVER = 0.3  # of the narrower piece's width; one piece of a digit lies so much above the other
_TALL = 0.6  # of the height; two taller pieces side by side are two digits


def join_fragments(pieces: Sequence[Mark], marks: Marks, pen: float) -> list[Mark]:
    """Join pieces that nearly touch, if together they have the shape of one digit.

    Parameters
    ----------
    pieces : sequence of Mark
    marks : Marks
        All marks of the picture.
    pen : float
        Width of the strokes, in pixels.

    Returns
    -------
    list of Mark
    """
    found = _joined_within(list(pieces), marks, GAP * pen, pen)
    if len(found) > 1:  # the height of the digits is known better now
        found = _joined_within(found, marks, max(GAP * pen, _BREAK * written_height(found)), pen)
    return found


def _joined_within(pieces: list[Mark], marks: Marks, gap: float, pen: float) -> list[Mark]:
    """Join pieces that are closer than a gap and look like one digit."""
    reach = max(1, math.ceil(gap / 2))
    if not _any_near(pieces, 4 * reach):
        return pieces
    groups = _near_each_other(pieces, marks, reach)
    wholes = [Mark.of(group) for group in groups]
    height = written_height(wholes)
    found: list[Mark] = []
    for group, whole in zip(groups, wholes, strict=True):
        found += [whole] if whole.box.height <= _HIGHEST * height and _is_one(group, whole, pen) else group
    return found


def _any_near(pieces: Sequence[Mark], gap: int) -> bool:
    """Return whether any two boxes are that close: a quick test before the pixels are compared."""
    if len(pieces) < 2:
        return False
    boxes = np.array([(p.box.left, p.box.top, p.box.right, p.box.bottom) for p in pieces])
    gaps = np.maximum(boxes[:, None, :2], boxes[:, :2]) - np.minimum(boxes[:, None, 2:], boxes[:, 2:])
    near = (gaps <= gap).all(axis=2)
    return int(np.count_nonzero(near)) > len(pieces)


def _near_each_other(pieces: Sequence[Mark], marks: Marks, reach: int) -> list[list[Mark]]:
    """Group pieces that meet when all ink, including specks, grows by ``reach`` pixels."""
    from scipy.ndimage import label, maximum_filter

    box = reduce(Box.around, [piece.box for piece in pieces])
    labels = marks.labels[box.slices]
    inside = labels > 0
    regions, _ = label(maximum_filter(inside, 2 * reach + 1))
    region = np.zeros(int(labels.max()) + 1, np.int32)
    region[labels[inside]] = regions[inside]
    groups: dict[int, list[Mark]] = defaultdict(list)
    for piece in pieces:
        groups[int(region[piece.labels[0]])].append(piece)
    return list(groups.values())


def _is_one(group: Sequence[Mark], whole: Mark, pen: float) -> bool:
    """Return whether pieces look like one digit, not like several digits close together."""
    box = whole.box
    if box.width > _WIDEST * box.height:
        return False
    heights = sorted(piece.box.height for piece in group)
    if len(group) > 1 and heights[-2] >= _TALL * box.height:  # side by side
        return False
    if box.height > _COLUMN * box.width and sum(piece.box.width > 3 * pen for piece in group) > 2:
        return False
    if len(group) != 2:
        return True
    across, down = group[0].box.gaps(group[1].box)  # side by side, they may be a digit and a sign
    over = -_OVER * min(piece.box.width for piece in group)
    return across < over and down <= min(pen, _BREAK * box.height)
