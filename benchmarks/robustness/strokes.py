"""A notation for what a hand does: strokes as points, drawn as smooth curves with corners.

``"14,20 34,0* 34,100 | 10,100 58,100"`` is two strokes. Points are hundredths of the height, ``x,y`` with
y downwards; the pen goes through them on a smooth curve, and turns sharply where there is a ``*``.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Path = NDArray[np.float64]  # (n, 2): x and y
_STEP = 0.01  # of the height, between two points of a curve
_POINT = re.compile(r"(-?\d+),(-?\d+)(\*?)")


def parse(notation: str) -> list[tuple[Path, list[int]]]:
    """Return for each stroke its points (n, 2), in heights, and which of them are corners."""
    strokes = []
    for words in notation.split("|"):
        found = [_POINT.fullmatch(word) for word in words.split()]
        if len(found) < 2 or None in found:
            raise ValueError(f"a stroke: expected two points such as 14,20* and more, found {words!r}")
        points = np.array([(int(m[1]), int(m[2])) for m in found if m]) / 100
        strokes.append((points, [i for i, m in enumerate(found) if m and m[3]]))
    return strokes


def curve(points: Path, corners: list[int]) -> Path:
    """Return a path (n, 2) through the points, smooth but at the corners, evenly spaced."""
    ends = [0, *(i for i in corners if 0 < i < len(points) - 1), len(points) - 1]
    parts = [_smooth(points[a : b + 1]) for a, b in pairwise(ends)]
    return evenly(np.concatenate([parts[0], *(part[1:] for part in parts[1:])]))


def evenly(path: Path, step: float = _STEP) -> Path:
    """Return the same path with points at equal distances of about ``step``."""
    along = lengths(path)
    count = max(2, round(along[-1] / step) + 1)
    at = np.linspace(0, along[-1], count)
    return np.stack([np.interp(at, along, path[:, axis]) for axis in (0, 1)], axis=1)


def lengths(path: Path) -> NDArray[np.float64]:
    """Return how far each point of a path (n, 2) is from its beginning, along it."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-9))])


def _smooth(points: Path) -> Path:
    """A cubic spline over the square roots of the distances, which keeps it from swinging out."""
    if len(points) == 2:
        return points
    roots = np.sqrt(np.maximum(np.hypot(*np.diff(points, axis=0).T), 1e-6))
    knots = np.concatenate([[0.0], np.cumsum(roots)])
    fine: Path = CubicSpline(knots, points, bc_type="natural")(np.linspace(0, knots[-1], 40 * len(points)))
    return fine
