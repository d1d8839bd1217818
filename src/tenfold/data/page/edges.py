"""Removes marks at the edge of a picture: the margin of a scan, a table, the edge of the sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tenfold.data.page.components import Box, Mark, Marks

_CORNER = 0.125  # of the picture's shorter side
_ALONG = 0.6  # of a mark's length that lies on the outermost row or column
_BESIDE = 0.02  # of the picture's shorter side


def without_page_edges(marks: Marks, even: bool) -> list[Mark]:
    """Remove marks that belong to the edge of the picture.

    Parameters
    ----------
    marks : Marks
    even : bool
        Whether the paper has one level, see `Ink`: then the picture is not a photo of a sheet on a table.

    Returns
    -------
    list of Mark
    """
    height, width = marks.labels.shape
    largest = max((mark.box.pixels for mark in marks.marks), default=0)
    if even:
        return [
            mark
            for mark in marks.marks
            if not (_along_an_edge(mark.box, height, width) and _fills_the_edge(mark, marks))
            or (mark.box.pixels == largest and not _is_strip(mark, marks))
        ]
    kept = [mark for mark in marks.marks if not _in_a_corner(mark.box, height, width)]
    if len(kept) == 1 and not _fills_the_edge(kept[0], marks):
        return kept
    rest: list[Mark] = []
    edges: list[Mark] = []
    for mark in kept:
        edge = _along_an_edge(mark.box, height, width) or _fills_the_edge(mark, marks)
        (edges if edge else rest).append(mark)
    return _not_beside(rest, edges, marks)


def _along_an_edge(box: Box, height: int, width: int) -> bool:
    """Return whether a mark is the dark margin of a scan or the end of a table."""
    upright = (box.left == 0 or box.right == width) and box.height > 0.5 * height
    lying = (box.top == 0 or box.bottom == height) and box.width > 0.5 * width
    return upright or lying


def _is_strip(mark: Mark, marks: Marks) -> bool:
    """Return whether a mark is a filled strip beside other marks; a 1 that is alone may fill its picture."""
    box = mark.box
    long, short = box.size, min(box.width, box.height)
    return len(marks.marks) > 1 and long > 4 * short and mark.area > 0.8 * box.pixels


def _in_a_corner(box: Box, height: int, width: int) -> bool:
    """Return whether a mark is small and at the edge: a shadow in a photo can leave one there."""
    at_edge = box.left == 0 or box.top == 0 or box.right == width or box.bottom == height
    return at_edge and box.size < _CORNER * min(height, width)


def _fills_the_edge(mark: Mark, marks: Marks) -> bool:
    """Return whether a mark lies along the picture's edge and fills it, like a strip of a table."""
    box, (height, width) = mark.box, marks.labels.shape
    down, across = box.slices
    if box.height > box.width:
        at = [column for column, there in ((0, box.left == 0), (-1, box.right == width)) if there]
        lines = [marks.labels[down, column] for column in at]
    else:
        at = [row for row, there in ((0, box.top == 0), (-1, box.bottom == height)) if there]
        lines = [marks.labels[row, across] for row in at]
    return any(float(np.mean(line == mark.labels[0])) > _ALONG for line in lines)


def _not_beside(rest: Sequence[Mark], edges: Sequence[Mark], marks: Marks) -> list[Mark]:
    """Remove marks that have most of their ink near a mark at the edge."""
    if not rest or not edges:
        return list(rest)
    from scipy.ndimage import maximum_filter

    count = int(marks.labels.max()) + 1
    among = np.zeros(count, bool)
    among[[mark.labels[0] for mark in edges]] = True
    reach = math.ceil(_BESIDE * min(marks.labels.shape))
    near = maximum_filter(among[marks.labels], 2 * reach + 1)
    touched = np.bincount(marks.labels[near], minlength=count)
    return [mark for mark in rest if 2 * touched[mark.labels[0]] < mark.area]
