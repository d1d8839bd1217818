"""Finds out whether a mark is a digit below a cross: two straight strokes that reach beyond it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenfold.data.page.components import LOW
from tenfold.data.page.grey import Grey

_FINE = 48  # pixels; strokes are looked for at about this size
_COVERED = 0.97  # of a straight stroke that is ink
_ENDS = 10  # so many ends are tried on each side
_BEYOND = 0.06  # of a stroke's length; it reaches so far beyond the rest of the mark
_REST = 0.15  # of the ink; less is no digit
_AS_HIGH = 0.45  # of the mark; the rest of the ink is at least so high

Mask = NDArray[np.bool_]
Points = NDArray[np.float64]


def is_struck_out(ink: Grey) -> bool:
    """Return whether the ink of a mark, uint8 (h, w), is a digit below two strokes that cross it."""
    inked = _reduced(ink)
    if min(inked.shape) < 8:
        return False
    falling, rising = (_stroke(inked, upwards) for upwards in (False, True))
    if falling is None or rising is None:
        return False
    points = np.argwhere(inked).astype(np.float64)
    pen = 2.2 * len(points) / max(int(np.count_nonzero(inked ^ np.roll(inked, 1, axis=1))), 1)
    off = np.minimum(_distances(points, falling), _distances(points, rising))
    left = points[off > 0.5 * pen + 1]
    if len(left) < _REST * len(points) or np.ptp(left[:, 0]) < _AS_HIGH * inked.shape[0]:
        return False
    return all(_reaches_beyond(left, stroke) for stroke in (falling, rising))


def _reduced(ink: Grey) -> Mask:
    """Return where ink is, at about `_FINE` pixels: a pixel is ink if one of its block is."""
    block = max(1, round(max(ink.shape) / _FINE))
    padded: Mask = np.pad(ink >= LOW, [(0, -length % block) for length in ink.shape])
    height, width = padded.shape
    blocks = padded.reshape(height // block, block, width // block, block)
    return np.asarray(blocks.any(axis=(1, 3)))


def _stroke(mask: Mask, upwards: bool) -> Points | None:
    """Return the ends (row, column) of the best straight stroke from the left side to the right one."""
    first, last = (np.flatnonzero(side.any(axis=1)) for side in (mask[:, :2], mask[:, -2:]))
    columns = np.arange(mask.shape[1])
    best: Points | None = None
    share = _COVERED
    for one in first[:: max(1, len(first) // _ENDS)].tolist():
        for other in last[:: max(1, len(last) // _ENDS)].tolist():
            if (one > other) != upwards or abs(one - other) < _AS_HIGH * len(mask):
                continue
            rows = np.rint(np.linspace(one, other, len(columns))).astype(np.intp)
            if (covered := float(mask[rows, columns].mean())) >= share:
                best, share = np.array([[one, 0], [other, columns[-1]]], np.float64), covered
    return best


def _distances(points: Points, stroke: Points) -> Points:
    along = (stroke[1] - stroke[0]) / np.linalg.norm(stroke[1] - stroke[0])
    away = points - stroke[0]
    distance: Points = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0])
    return distance


def _reaches_beyond(points: Points, stroke: Points) -> bool:
    whole = stroke[1] - stroke[0]
    along = (points - stroke[0]) @ whole / (whole @ whole)
    return bool(along.min() > _BEYOND and along.max() < 1 - _BEYOND)
