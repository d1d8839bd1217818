"""Straight lines among points: how many points lie on each line of up to 15 degrees (a Hough transform).

References
----------
R. O. Duda, P. E. Hart, "Use of the Hough transformation to detect lines and curves in pictures",
Communications of the ACM 15, 1972.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

COVERED = 0.55  # of its length; a rule may be interrupted
CUT_OFF = 0.12  # of the picture's width; a rule that cuts off a corner is at least so long
SLOPES = np.tan(np.deg2rad(np.arange(-15, 15.01, 0.5)))
_AT_ONCE = 1_000_000  # points times slopes that are counted together
_NEVER = np.iinfo(np.int32).max  # more points than there are

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]


class Lines:
    """The number of points on each line, by its slope and its row in the middle of the picture.

    Points can be taken away again: only the rows that they lie near are counted anew.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the picture, in pixels.
    near : int
        So many rows away from a line, a point still lies on it.
    """

    def __init__(self, shape: tuple[int, int], near: int) -> None:
        height, width = shape
        longest = (height - 1) / np.maximum(np.abs(SLOPES), 1e-9) + 1  # columns that a line is in
        self._slopes = SLOPES[longest >= CUT_OFF * width]
        # So far outside may be the middle of a line that cuts off a corner.
        self._beyond = math.ceil(self._slopes[-1] * width / 2)
        self._near = near
        rows = height + 2 * self._beyond
        self._least = self._fewest(height, width)
        self._counts = np.zeros((len(self._slopes), rows + 2 * near + 1), np.int32)  # rows beyond both ends
        self._banded = np.zeros((len(self._slopes), rows), np.int32)

    def add(self, rows: Floats, columns: npt.NDArray[np.intp]) -> None:
        """Count points, given by row and by column to the right of the middle."""
        self._count(rows, columns, 1)

    def take(self, rows: Floats, columns: npt.NDArray[np.intp]) -> None:
        """Take points away that were counted."""
        self._count(rows, columns, -1)

    def longest(self) -> tuple[int, float] | None:
        """The row in the middle and the slope of the line with most points.

        None where no line has points in enough of its columns.
        """
        slope, row = np.unravel_index(int(np.argmax(self._banded)), self._banded.shape)
        if self._banded[slope, row] == 0:
            return None
        return int(row) - self._beyond, float(self._slopes[slope])

    def _fewest(self, height: int, width: int) -> Counts:
        """How many points each line needs, by slope and row."""
        rows = np.arange(-self._beyond, height + self._beyond)
        least = np.empty((len(self._slopes), len(rows)), np.int32)
        for i, slope in enumerate(np.where(self._slopes == 0, 1e-9, self._slopes)):
            ends = np.stack([-rows / slope, (height - 1 - rows) / slope])
            ends = np.clip(ends, -(width // 2), (width - 1) // 2)
            room = np.abs(ends[0] - ends[1]) + 1  # columns in which the line lies within the picture
            least[i] = np.where(room < CUT_OFF * width, _NEVER, np.ceil(COVERED * room))
        return least

    def _count(self, rows: Floats, columns: npt.NDArray[np.intp], times: int) -> None:
        if not rows.size:
            return
        furthest = self._slopes[-1] * int(np.abs(columns).max())
        first = max(math.floor(rows.min() - furthest) - 1, -self._beyond) + self._beyond
        last = min(math.ceil(rows.max() + furthest) + 2 + self._beyond, self._banded.shape[1])
        inside = slice(first + self._near + 1, last + self._near + 1)
        at_once = max(1, _AT_ONCE // len(rows))
        for start in range(0, len(self._slopes), at_once):
            slopes = self._slopes[start : start + at_once, None]
            row = np.rint(rows - slopes * columns).astype(np.intp) + (self._beyond - first)  # (slopes, n)
            row += (last - first) * np.arange(len(slopes))[:, None]
            count = np.bincount(row.ravel(), minlength=(last - first) * len(slopes))
            self._counts[start : start + at_once, inside] += times * count.reshape(len(slopes), -1)
        self._band(max(first - self._near, 0), min(last + self._near, self._banded.shape[1]))

    def _band(self, first: int, last: int) -> None:
        """Add up the counts of all lines near each line, from row ``first`` to before ``last``."""
        wide = 2 * self._near + 1
        total = np.cumsum(self._counts[:, first : last + wide], axis=1, dtype=np.int32)
        banded = total[:, wide:] - total[:, :-wide]
        banded[banded < self._least[:, first:last]] = 0
        self._banded[:, first:last] = banded
