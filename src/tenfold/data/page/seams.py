"""Cuts through a mark that may be several touching digits: paths from top to bottom that cross little ink.

References
----------
S. Avidan, A. Shamir, "Seam carving for content-aware image resizing", ACM Transactions on Graphics 26, 2007.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey

_FINE = 48  # pixels; seams are found at about this height
_ASIDE = 0.2  # of a pixel of full ink; the cost of a step to the side
_APART = 0.1  # of the height; seams are at least this far apart
_END = 0.12  # of the height; no digit is narrower
_EACH = 3  # seams for each cut that may be needed
USUAL = 0.75  # width over height of a digit in a row

Floats = npt.NDArray[np.float64]
Columns = npt.NDArray[np.intp]


def seams(ink: Grey, height: float) -> list[tuple[Columns, float]]:
    """Return possible cuts, from left to right.

    Parameters
    ----------
    ink : uint8 array (h, w)
        Of one mark.
    height : float
        Of the writing, in pixels.

    Returns
    -------
    list of (intp array (h,), float)
        For each row the first column to the right of the cut; and the ink that it crosses, in heights.
    """
    block = max(1, round(ink.shape[0] / _FINE))
    small = _reduced(ink, block)
    rows, columns = small.shape
    tall = max(height / block, 1.0)
    down, up = _paths(small), _paths(small[::-1])
    middle = rows // 2
    through = down[0][middle] + up[0][rows - 1 - middle] - small[middle]
    chosen: list[int] = []
    most = _EACH * max(1, round(columns / (USUAL * tall)) - 1)
    for column in np.argsort(through, kind="stable").tolist():
        inside = _END * tall <= column <= columns - _END * tall
        if inside and all(abs(column - other) >= _APART * tall for other in chosen):
            chosen.append(column)
        if len(chosen) == most:
            break
    found = []
    for column in sorted(chosen):
        path = _trace(down[1], up[1], middle, column)
        cut = np.repeat(path * block, block)[: ink.shape[0]]
        cut = np.pad(cut, (0, ink.shape[0] - len(cut)), mode="edge")
        crossed = float(small[np.arange(rows), path].sum()) / tall
        found.append((cut, crossed))
    return found


def _reduced(ink: Grey, block: int) -> Floats:
    if block == 1:
        return ink / 255.0
    height, width = (-(-length // block) * block for length in ink.shape)
    padded = np.zeros((height, width))
    padded[: ink.shape[0], : ink.shape[1]] = ink
    means: Floats = padded.reshape(height // block, block, width // block, block).mean(axis=(1, 3)) / 255
    return means


def _paths(ink: Floats) -> tuple[Floats, npt.NDArray[np.int8]]:
    """Return the least cost of a path from the top to each pixel, and its last step to the side."""
    cost, step = ink.copy(), np.zeros(ink.shape, np.int8)
    for row in range(1, len(ink)):
        above = np.pad(cost[row - 1], 1, constant_values=np.inf)
        ways = np.stack([above[1:-1], above[:-2] + _ASIDE, above[2:] + _ASIDE])
        best = np.argmin(ways, axis=0)
        cost[row] += ways[best, np.arange(ink.shape[1])]
        step[row] = np.array([0, -1, 1], np.int8)[best]
    return cost, step


def _trace(down: npt.NDArray[np.int8], up: npt.NDArray[np.int8], middle: int, column: int) -> Columns:
    """Return the columns of the path through one pixel of the middle row."""
    rows = len(down)
    path = np.full(rows, column, np.intp)
    for row in range(middle, 0, -1):
        path[row - 1] = path[row] + down[row, path[row]]
    for row in range(middle, rows - 1):
        path[row + 1] = path[row] + up[rows - 1 - row, path[row]]
    return path
