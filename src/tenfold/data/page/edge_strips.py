"""Finds dark strips along the edges of a picture, as at the end of a scan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import Box
from tenfold.data.page.plain_paper import around

_ALL_ALONG = 0.95  # of an edge; no stroke covers as much, unless the picture is cut tightly
_DEEPEST = 0.2  # of the picture; a deeper strip is something else

Mask = npt.NDArray[np.bool_]


def edge_strips(inked: Mask) -> tuple[Mask, tuple[Box, ...]]:
    """Find strips of ink along whole edges of a picture.

    Most of the other ink must not begin at the strip, else it may be the bar of a 7 in a picture that is cut
    tightly.

    Parameters
    ----------
    inked : bool (h, w)

    Returns
    -------
    bool (h, w) and tuple of Box
        The strips, and the box of each.
    """
    found, boxes = np.zeros_like(inked), []
    for turns in range(4):
        side = np.rot90(inked, turns)  # (depth, length)
        if np.count_nonzero(side[0]) < _ALL_ALONG * len(side[0]):
            continue
        strip = np.zeros_like(inked)
        np.rot90(strip, turns)[:] = _strip(side)
        if strip.any():
            found |= strip
            boxes.append(Box.of(around(strip)))
    return found, tuple(boxes)


def _strip(side: Mask) -> Mask:
    """Return the strip along the first row; strokes that touch it end there."""
    from scipy.ndimage import label, median_filter

    deep = np.pad(side, ((0, 1), (0, 0))).argmin(axis=0)  # blank after so many pixels
    usual = median_filter(deep, side.shape[1] // 8 | 1)
    strip: Mask = side & (np.arange(len(side))[:, None] < usual)
    pieces, count = label(side & ~strip, np.ones((3, 3), bool))
    areas = np.bincount(pieces.ravel(), minlength=count + 1)
    touching = np.unique(pieces[np.minimum(usual, len(side) - 1), np.arange(side.shape[1])])
    apart = areas[1:].sum() > 2 * areas[touching[touching > 0]].sum()
    return strip if apart and usual.max() <= _DEEPEST * len(side) else np.zeros_like(side)
