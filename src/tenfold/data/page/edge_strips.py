"""Finds dark strips along the edges of a picture, as at the end of a scan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import Box
from tenfold.data.page.plain_paper import around

_ALL_ALONG = 0.95  # of an edge; no stroke covers as much, unless the picture is cut tightly
_DEEPEST = 0.2  # of the picture; a deeper strip is something else
_TURNED = 0.02  # of the edge's length, at least 3 pixels: the paper between the edge and a turned strip
_LONG = 0.5  # of the edge's length; next to digits so large a turned strip may be a 1 of a tight picture
_THIN = 0.1  # of its length; a rule, no digit

Mask = npt.NDArray[np.bool_]


def edge_strips(inked: Mask) -> tuple[Mask, tuple[Box, ...]]:
    """Find strips of ink along whole edges of a picture.

    Most of the other ink must not begin at the strip, else it may be the bar of a 7 in a picture that is cut
    tightly. If the picture was turned a little, there may be paper between its edge and the strip; then there
    must be no large digits, else the strip may be a 1 that leans.

    Parameters
    ----------
    inked : bool (h, w)

    Returns
    -------
    bool (h, w) and tuple of Box
        The strips, and the box of each.
    """
    strips = []
    for turns in range(4):
        strip = np.zeros_like(inked)
        np.rot90(strip, turns)[:] = _strip(np.rot90(inked, turns))
        strips.append(strip)
    rest = inked & ~np.logical_or.reduce(strips)
    found, boxes = np.zeros_like(inked), []
    for turns, strip in enumerate(strips):
        if strip.any() and _is_apart(np.rot90(strip, turns), np.rot90(rest, turns)):
            found |= strip
            boxes.append(Box.of(around(strip)))
    return found, tuple(boxes)


def _strip(side: Mask) -> Mask:
    """Return the strip along the first row, (depth, length), or no ink; strokes that touch it end there."""
    from scipy.ndimage import median_filter

    depth, length = side.shape
    reach = min(max(3, round(_TURNED * length)), depth)
    if np.count_nonzero(side[:reach].any(axis=0)) < _ALL_ALONG * length:
        return np.zeros_like(side)
    filled = side.copy()
    filled[:reach] = np.logical_or.accumulate(side[:reach][::-1])[::-1]  # from the edge to the first ink
    first = side[:reach].argmax(axis=0)
    straight = np.abs(first - median_filter(first, length // 8 | 1)) <= 1
    if np.count_nonzero(filled[0] & straight) < _ALL_ALONG * length:
        return np.zeros_like(side)
    deep = np.pad(filled, ((0, 1), (0, 0))).argmin(axis=0)  # blank after so many pixels
    usual = median_filter(deep, length // 8 | 1)
    if usual.max() > _DEEPEST * depth:
        return np.zeros_like(side)
    strip: Mask = side & (np.arange(depth)[:, None] < usual)
    return strip


def _is_apart(strip: Mask, rest: Mask) -> bool:
    """Return whether little ink touches the strip, and no large digit is next to a turned one."""
    from scipy.ndimage import binary_dilation, find_objects, label

    pieces, count = label(rest, np.ones((3, 3), bool))
    areas = np.bincount(pieces.ravel(), minlength=count + 1)
    areas[0] = 0
    touching = np.unique(pieces[binary_dilation(strip, np.ones((3, 3), bool))])
    length = strip.shape[1]
    if np.count_nonzero(strip[0]) < _ALL_ALONG * length:
        sizes = [(down.stop - down.start, along.stop - along.start) for down, along in find_objects(pieces)]
        if any(long >= _LONG * length and deep > _THIN * long for deep, long in sizes):
            return False
    return bool(areas.sum() > 2 * areas[touching].sum())
