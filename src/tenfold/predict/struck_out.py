"""Finds out whether a mark is a digit that is struck out: straight strokes across it that reach beyond it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tenfold.data.page.components import LOW
from tenfold.data.page.grey import Grey

_FINE = 48  # pixels; strokes are looked for at about this size
_COVERED = 0.97  # of a straight stroke that is ink
_ENDS = 10  # so many ends are tried on each side
_BEYOND = 0.06  # of a stroke's length; it reaches so far beyond the rest of the mark
_REST = 0.2  # of the ink; less is no digit
_AS_HIGH = 0.45  # of the mark; the rest of the ink is at least so high

Points = NDArray[np.float64]


def is_struck_out(ink: Grey) -> bool:
    """Return whether the ink of a mark, uint8 (h, w), is a digit below one or more straight strokes."""
    step = max(1, round(max(ink.shape) / _FINE))
    inked = ink[::step, ::step] >= LOW
    rows, columns = np.nonzero(inked)
    if min(inked.shape) < 8 or not rows.size:
        return False
    points = np.stack([rows, columns], axis=1).astype(np.float64)
    pen = 2.2 * len(rows) / max(int(np.count_nonzero(inked ^ np.roll(inked, 1, axis=1))), 1)
    rest = np.ones(len(points), bool)
    strokes = list(_strokes(inked))
    for start, end in strokes:
        rest &= _off(points, start, end) > 0.5 * pen + 1
    left = points[rest]
    if not strokes or len(left) < _REST * len(points) or np.ptp(left[:, 0]) < _AS_HIGH * inked.shape[0]:
        return False
    return all(_reaches_beyond(left, start, end) for start, end in strokes)


def _strokes(inked: NDArray[np.bool_]) -> Iterator[tuple[Points, Points]]:
    """Yield straight strokes from side to side, one downwards and one upwards, and from top to bottom."""
    for turned in (False, True):
        mask = inked.T if turned else inked
        first, last = np.flatnonzero(mask[:, :2].any(axis=1)), np.flatnonzero(mask[:, -2:].any(axis=1))
        best: dict[bool, tuple[float, int, int]] = {}
        for one in first[:: max(1, len(first) // _ENDS)].tolist():
            for other in last[:: max(1, len(last) // _ENDS)].tolist():
                share = _share(mask, one, other)
                if share >= _COVERED:
                    best[one > other] = max(best.get(one > other, (0.0, 0, 0)), (share, one, other))
        for _, one, other in best.values():
            ends = np.array([[one, 0], [other, mask.shape[1] - 1]], np.float64)
            start, end = ends[:, ::-1] if turned else ends
            yield start, end


def _share(mask: NDArray[np.bool_], one: int, other: int) -> float:
    columns = np.arange(mask.shape[1])
    rows = np.rint(np.linspace(one, other, mask.shape[1])).astype(np.intp)
    return float(mask[rows, columns].mean())


def _off(points: Points, start: Points, end: Points) -> Points:
    """Return the distance of each point from a line."""
    along = (end - start) / np.linalg.norm(end - start)
    away = points - start
    distance: Points = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0])
    return distance


def _reaches_beyond(points: Points, start: Points, end: Points) -> bool:
    length = float(np.linalg.norm(end - start))
    along = (points - start) @ (end - start) / length**2
    return bool(along.min() > _BEYOND and along.max() < 1 - _BEYOND)
