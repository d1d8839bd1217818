"""Cuts through a mark that may be several touching digits: paths from top to bottom that cross little ink.

References
----------
S. Avidan, A. Shamir, "Seam carving for content-aware image resizing", ACM Transactions on Graphics 26, 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey

USUAL = 0.75  # width over height of a digit in a row
_FINE = 40  # pixels; seams are found at about this height
_SLOPES = (-0.15, 0.15, 0.45, 0.75)  # columns for each row, upwards: handwriting leans to the right
_CORRIDOR = 0.12  # of the height; a seam leaves its straight line by no more
_ASIDE = 0.15  # of a pixel of full ink; the cost of a step to the side
_STEP = 0.05  # of the height; between the lines that are tried
_APART = 0.1  # of the height; at each such step, an upright seam and a leaning one are proposed
_UPRIGHT = 0.15
_END = 0.1  # of the height; no digit is narrower
_LEAST = 0.25  # of the ink of a digit; no part has less
_FEW, _WIDER = 2, 0.2  # in a mark of more digits, seams are farther apart

Floats = npt.NDArray[np.float64]
Columns = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Seam:
    """A cut.

    Attributes
    ----------
    columns : intp array (h,)
        For each row the first column to the right of the cut.
    crossed : float
        The ink that it crosses, in heights.
    """

    columns: Columns
    crossed: float


def seams(ink: Grey, height: float) -> list[Seam]:
    """Return possible cuts, from left to right.

    Parameters
    ----------
    ink : uint8 array (h, w)
        Of one mark.
    height : float
        Of the writing, in pixels.
    """
    block = max(1, round(ink.shape[0] / _FINE))
    small = _reduced(ink, block)
    rows, columns = small.shape
    tall = max(height / block, 1.0)
    middles = np.arange(_END * tall, columns - _END * tall + 1e-9, max(1.0, _STEP * tall))
    slopes, starts = (each.ravel() for each in np.meshgrid(_SLOPES, middles))
    lines = starts[:, None] + slopes[:, None] * (rows / 2 - np.arange(rows))  # (n, rows)
    costs, paths = _least_paths(small, np.rint(lines).astype(np.intp), max(1, round(_CORRIDOR * tall)))
    left = np.pad(small, ((0, 0), (1, 0))).cumsum(axis=1)[np.arange(rows), paths].sum(axis=1) / small.sum()
    digits = max(2, round(columns / (USUAL * tall)))
    balanced = np.minimum(left, 1 - left) >= _LEAST / digits
    place = (paths.mean(axis=1) / (tall * (_APART if digits <= _FEW else _WIDER))).astype(np.intp)
    cheapest: dict[tuple[int, bool], int] = {}
    for one in np.argsort(costs, kind="stable").tolist():
        if balanced[one]:
            cheapest.setdefault((int(place[one]), abs(slopes[one]) <= _UPRIGHT), one)
    chosen = list(cheapest.values())
    chosen.sort(key=lambda one: float(paths[one].mean()))
    at = np.minimum(np.arange(ink.shape[0]) // block, rows - 1)
    return [Seam(paths[one][at] * block, float(costs[one]) / tall) for one in chosen]


def _reduced(ink: Grey, block: int) -> Floats:
    height, width = (-(-length // block) * block for length in ink.shape)
    padded = np.zeros((height, width))
    padded[: ink.shape[0], : ink.shape[1]] = ink
    means: Floats = padded.reshape(height // block, block, width // block, block).mean(axis=(1, 3)) / 255
    return means


def _least_paths(ink: Floats, lines: Columns, reach: int) -> tuple[Floats, Columns]:
    """Return for each line the cost of the path near it that crosses least ink, and its columns.

    Parameters
    ----------
    ink : float64 (rows, w)
    lines : intp (n, rows)
        The column of each line in each row.
    reach : int
        A path leaves its line by at most this many columns.

    Returns
    -------
    float64 (n,) and intp (n, rows)
    """
    count, rows = lines.shape
    beside = np.arange(-reach, reach + 1)
    margin = reach + int(max(0, -lines.min(), lines.max() - ink.shape[1] + 1))
    padded = np.pad(ink, ((0, 0), (margin, margin)))
    steps = np.zeros((rows, count, len(beside)), np.int8)
    cost = np.zeros((count, len(beside)))
    for row in range(rows):
        if row:
            above = np.pad(cost, ((0, 0), (1, 1)), constant_values=np.inf)
            ways = np.stack([above[:, 1:-1], above[:, :-2] + _ASIDE, above[:, 2:] + _ASIDE])
            best = ways.argmin(axis=0)
            steps[row] = np.array([0, -1, 1], np.int8)[best]
            cost = ways.min(axis=0)
        cost = cost + padded[row, lines[:, row, None] + beside + margin]
    at = cost.argmin(axis=1)
    least = cost.min(axis=1)
    each = np.arange(count)
    paths = np.empty((count, rows), np.intp)
    for row in range(rows - 1, -1, -1):
        paths[:, row] = lines[:, row] + beside[at]
        at = at + steps[row, each, at]
    return least, np.clip(paths, 0, ink.shape[1])
