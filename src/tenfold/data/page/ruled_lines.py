"""Finds ruled lines and squares, without the strokes of digits that cross them.

A ruled line is straight, thin and runs across the picture; a stroke of a digit does not. In each column, a
vertical run of ink that is no thicker than a ruled line is one point. A Hough transform counts the points on
each straight line, see `hough`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey
from tenfold.data.page.hough import COVERED, Lines

FAINT = 60  # of 255; the palest ink of a ruled line
ALIKE = 0.8  # of another ruled line's coverage; rows of strokes have less
THICK = 0.012  # of the picture's shorter side, at least 3 pixels; no ruled line is thicker
SLENDER = 40  # length over width; more than any stroke of a digit has
MOST_RULES = 100  # in each direction; more are a texture
MOST_RUNS = 250_000  # thin runs of ink; a quarter more than `MOST_RULES` lines 2,000 pixels wide have
_SHORTEST = 20  # pixels; in a narrower picture, lines cannot be told from strokes
_NEAR_EDGE = 0.06  # of the picture
_AT_EDGE = 0.02  # of the picture; a line must come this close to both edges

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def find_ruled_lines(amount: Grey, even: bool = True) -> Mask | None:
    """Find ruled lines, across and down.

    Parameters
    ----------
    amount : uint8 array (h, w)
    even : bool
        See `Ink`. On uneven paper, the sheet and its lines may end inside the picture.

    Returns
    -------
    bool array (h, w) or None
        The ink of the lines, without strokes that cross them. None if there are more than `MOST_RUNS`
        thin runs of ink, as in a texture.
    """
    mask = amount >= FAINT
    if even and not _at_opposite_edges(mask):
        return np.zeros_like(mask)
    down = _across(np.ascontiguousarray(mask.T), even)
    across = None if down is None else _across(mask, even)
    return None if down is None or across is None else across | np.ascontiguousarray(down.T)


def _at_opposite_edges(mask: Mask) -> bool:
    """Return whether there is ink near the left and right edges, or near the top and bottom edges."""
    height, width = mask.shape
    across, down = max(1, round(_NEAR_EDGE * width)), max(1, round(_NEAR_EDGE * height))
    return bool(
        (mask[:, :across].any() and mask[:, -across:].any()) or (mask[:down].any() and mask[-down:].any())
    )


@dataclass(frozen=True)
class _Runs:
    """Thin vertical runs of ink: their columns, first and last rows, each (n,)."""

    columns: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]

    @property
    def middle(self) -> Floats:
        return (self.first + self.last) / 2

    def of(self, where: Mask | npt.NDArray[np.intp]) -> _Runs:
        return _Runs(self.columns[where], self.first[where], self.last[where])


def _across(mask: Mask, even: bool) -> Mask | None:
    """Find lines across, from edge to edge of the picture or sheet; None in a texture."""
    width = mask.shape[1]
    found = np.zeros_like(mask)
    if width < _SHORTEST:
        return found
    thick = max(3, round(THICK * min(mask.shape)))
    runs = _thin_runs(mask, thick)
    if len(runs.columns) > MOST_RUNS:
        return None
    lines = list(_straight_lines(runs, mask, thick))
    if any(_whole(line, width) or (not even and _slender(line)) for line in lines):
        for line in lines:
            _draw(_no_thicker(line), found)
    return found


def _no_thicker(line: _Runs) -> _Runs:
    """Remove strokes that lie along a line: runs thicker than usual."""
    thickness = line.last - line.first
    return line.of(thickness <= np.median(thickness) + 1)


def _whole(line: _Runs, width: int) -> bool:
    """Return whether a line runs from edge to edge."""
    edge = max(1, round(_AT_EDGE * width))
    return int(line.columns.min()) < edge and int(line.columns.max()) >= width - edge


def _slender(line: _Runs) -> bool:
    """Return whether a line is longer than any stroke of its width, so that it may end in the picture."""
    return int(np.ptp(line.columns)) + 1 > SLENDER * float(np.mean(line.last - line.first + 1))


def _thin_runs(mask: Mask, thick: int) -> _Runs:
    """Return the vertical runs of at most ``thick`` pixels of ink."""
    height, width = mask.shape
    padded = np.zeros((width, height + 2), np.int8)
    padded[:, 1:-1] = mask.T
    steps = np.diff(padded, axis=1)  # (w, h + 1)
    columns, first = np.nonzero(steps == 1)
    after = np.nonzero(steps == -1)[1]
    runs = _Runs(columns, first, after - 1)
    return runs.of(after - first <= thick)


def _straight_lines(runs: _Runs, mask: Mask, thick: int) -> Iterator[_Runs]:
    """Yield the thin runs of each straight line that is mostly ink, the longest line first."""
    near = max(1, thick // 2)
    middle, along = runs.middle, runs.columns - mask.shape[1] // 2
    lines = Lines(mask.shape, near)
    lines.add(middle, along)
    free = np.ones(len(along), bool)
    least = COVERED
    for _ in range(MOST_RULES):
        longest = lines.longest()
        if longest is None:
            return
        at, slope = longest
        on = np.flatnonzero(free & (np.abs(middle - (at + slope * along)) <= near + 0.5))
        line = runs.of(on)
        share = _covered(line, mask, at, slope)
        if share >= least:
            least = max(least, ALIKE * share)
            yield line
        free[on] = False
        lines.remove(middle[on], along[on])


def _covered(line: _Runs, mask: Mask, at: int, slope: float) -> float:
    """Return the fraction of columns with ink of the line, without those where a stroke hides it."""
    height, width = mask.shape
    inked = np.zeros(width, bool)
    inked[line.columns] = True
    columns = np.arange(width)
    rows = np.rint(at + slope * (columns - width // 2)).astype(np.intp)
    blank = (rows >= 0) & (rows < height) & ~inked
    blank[blank] = ~mask[rows[blank], columns[blank]]
    return float(inked.sum() / max(inked.sum() + blank.sum(), 1))


def _draw(line: _Runs, found: Mask) -> None:
    """Mark the pixels of runs."""
    for offset in range(int((line.last - line.first).max()) + 1):
        there = line.first + offset <= line.last
        found[(line.first + offset)[there], line.columns[there]] = True
