"""Finds dark strips along the edges of a picture, as at the end of a scan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import Box

_ALL_ALONG = 0.95  # of an edge; no stroke covers as much, unless the picture is cut tightly
_DEEPEST = 0.2  # of the picture; a deeper strip is something else

Mask = npt.NDArray[np.bool_]


def edge_strips(inked: Mask) -> tuple[Mask, tuple[Box, ...]]:
    """Find strips of ink along whole edges of a picture.

    The rest of the ink must not be joined to the strip for the most part, else it may be the bar of a 7 in a
    picture that is cut tightly.

    Parameters
    ----------
    inked : bool (h, w)

    Returns
    -------
    bool (h, w) and tuple of Box
        The strips, and the box of each.
    """
    found = np.zeros_like(inked)
    boxes: list[Box] = []
    for turns in range(4):
        side = np.rot90(inked, turns)  # (depth, length)
        if side[0].mean() < _ALL_ALONG:
            continue
        depth = _depth(side)
        if depth > 0 and _apart(side, depth):
            strip = np.rot90(found, turns)
            strip[:depth] = side[:depth]
            boxes.append(_turned(depth, side.shape, turns))
    return found, tuple(boxes)


def _depth(side: Mask) -> int:
    """Return how deep a strip is; 0 if it is too deep."""
    full = side.mean(axis=1)
    most = round(_DEEPEST * len(side))
    ends = np.flatnonzero(full[: most + 1] < 0.5)
    return int(ends[0]) if ends.size else 0


def _apart(side: Mask, depth: int) -> bool:
    """Return whether most of the other ink does not begin at the strip."""
    rest = side[depth:]
    columns = rest.any(axis=0)
    if not columns.any() or not rest[-1:].size:
        return False
    from scipy.ndimage import label

    labels, count = label(rest, np.ones((3, 3), bool))
    joined = np.zeros(count + 1, bool)
    joined[labels[0]] = True
    joined[0] = False
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    return bool(2 * areas[joined].sum() < areas.sum())


def _turned(depth: int, shape: tuple[int, int], turns: int) -> Box:
    """Return the box of a strip in the picture before it was turned."""
    height, width = shape if turns % 2 == 0 else shape[::-1]
    return (
        Box(0, 0, width, depth),
        Box(width - depth, 0, width, height),
        Box(0, height - depth, width, height),
        Box(0, 0, depth, height),
    )[turns]
