"""Hough transform: counts the points on each straight line of up to 15 degrees.

References
----------
R. O. Duda, P. E. Hart, "Use of the Hough transformation to detect lines and curves in pictures",
Communications of the ACM 15, 1972.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

COVERED = 0.55  # of its length; a line may have gaps
CUT_OFF = 0.12  # of the picture's width; least length of a line that cuts off a corner
SLOPES = np.tan(np.deg2rad(np.arange(-15, 15.01, 0.5)))
_AT_ONCE = 1_000_000  # points times slopes in one block
_NEVER = np.iinfo(np.int32).max  # a threshold that no line reaches

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]


class Lines:
    """The number of points on each line, by slope and by the line's row in the middle of the picture.

    Points can be removed again; then only the rows near them are updated.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the picture, in pixels.
    near : int
        A point at most this many rows from a line counts as on the line.
    """

    def __init__(self, shape: tuple[int, int], near: int) -> None:
        height, width = shape
        longest = (height - 1) / np.maximum(np.abs(SLOPES), 1e-9) + 1  # columns that a line crosses
        self._slopes = SLOPES[longest >= CUT_OFF * width]
        # The middle of a line that cuts off a corner may lie this far outside.
        self._beyond = math.ceil(self._slopes[-1] * width / 2)
        self._near = near
        rows = height + 2 * self._beyond
        self._least = self._fewest(height, width)
        self._counts = np.zeros((len(self._slopes), rows + 2 * near + 1), np.int32)  # rows beyond both ends
        self._banded = np.zeros((len(self._slopes), rows), np.int32)

    def add(self, rows: Floats, columns: npt.NDArray[np.intp]) -> None:
        """Add points, given by their row and their column relative to the middle."""
        self._count(rows, columns, 1)

    def remove(self, rows: Floats, columns: npt.NDArray[np.intp]) -> None:
        """Remove points that were added."""
        self._count(rows, columns, -1)

    def longest(self) -> tuple[int, float] | None:
        """Return the row in the middle and the slope of the line with the most points.

        None if no line has points in enough of its columns.
        """
        slope, row = np.unravel_index(int(np.argmax(self._banded)), self._banded.shape)
        if self._banded[slope, row] == 0:
            return None
        return int(row) - self._beyond, float(self._slopes[slope])

    def _fewest(self, height: int, width: int) -> Counts:
        """Return how many points each line needs, by slope and row."""
        rows = np.arange(-self._beyond, height + self._beyond)
        least = np.empty((len(self._slopes), len(rows)), np.int32)
        for i, slope in enumerate(np.where(self._slopes == 0, 1e-9, self._slopes)):
            ends = np.stack([-rows / slope, (height - 1 - rows) / slope])
            ends = np.clip(ends, -(width // 2), (width - 1) // 2)
            room = np.abs(ends[0] - ends[1]) + 1  # columns where the line lies inside the picture
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
        """Sum the counts of all lines near each line, for rows ``first`` to ``last - 1``."""
        wide = 2 * self._near + 1
        total = np.cumsum(self._counts[:, first : last + wide], axis=1, dtype=np.int32)
        banded = total[:, wide:] - total[:, :-wide]
        banded[banded < self._least[:, first:last]] = 0
        self._banded[:, first:last] = banded
