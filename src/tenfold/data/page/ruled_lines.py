"""Ruled lines and squares taken away, and digits that they cross left whole.

A rule is straight, thin and runs across the picture; a digit's stroke does none of these for long.
In each column, ink that is no thicker than a rule is one point; straight lines are found by counting the
points on each of them, see `hough`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey
from tenfold.data.page.hough import COVERED, Lines

FAINT = 60  # of 255; so pale may ink be that belongs to a rule
ALIKE = 0.8  # of what another rule is covered; strokes are shorter
THICK = 0.012  # of the picture's shorter side, at least 3 pixels; what is thicker is no rule
SLENDER = 40  # length over width; no stroke of a digit is
MOST_RULES = 100  # each way; more are a texture
MOST_RUNS = 250_000  # thin pieces of columns; a quarter more than so many rules have in a picture 2,000 wide
_SHORTEST = 20  # pixels; no rule is told from a stroke in a picture that is narrower
_NEAR_EDGE = 0.06  # of the picture
_AT_EDGE = 0.02  # of the picture; so close to both edges a single rule must come

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def find_ruled_lines(amount: Grey, even: bool = True) -> Mask | None:
    """Find ruled lines, across and down.

    Parameters
    ----------
    amount : uint8 array (h, w)
    even : bool
        See `Ink`. Where the paper is uneven, a sheet and its rules may end within the picture.

    Returns
    -------
    bool array (h, w) or None
        Their ink, without that of the strokes that cross them. None where there are more thin pieces
        of ink than `MOST_RUNS`, as in a texture.
    """
    mask = amount >= FAINT
    if even and not _at_opposite_edges(mask):
        return np.zeros_like(mask)
    down = _across(np.ascontiguousarray(mask.T), even)
    across = None if down is None else _across(mask, even)
    return None if down is None or across is None else across | np.ascontiguousarray(down.T)


def _at_opposite_edges(mask: Mask) -> bool:
    """Whether there is ink near the left and the right edge, or near the upper and the lower."""
    height, width = mask.shape
    across, down = max(1, round(_NEAR_EDGE * width)), max(1, round(_NEAR_EDGE * height))
    return bool(
        (mask[:, :across].any() and mask[:, -across:].any()) or (mask[:down].any() and mask[-down:].any())
    )


@dataclass(frozen=True)
class _Runs:
    """Ink that is thin from top to bottom: the columns it is in, and its first and last row, each (n,)."""

    columns: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]

    @property
    def middle(self) -> Floats:
        return (self.first + self.last) / 2

    def of(self, where: Mask | npt.NDArray[np.intp]) -> _Runs:
        return _Runs(self.columns[where], self.first[where], self.last[where])


def _across(mask: Mask, even: bool) -> Mask | None:
    """Rules that run across, from edge to edge of the picture or of the sheet; None in a texture."""
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
    """Without the strokes that lie along it."""
    thickness = line.last - line.first
    return line.of(thickness <= np.median(thickness) + 1)


def _whole(line: _Runs, width: int) -> bool:
    """Whether it runs from edge to edge."""
    edge = max(1, round(_AT_EDGE * width))
    return int(line.columns.min()) < edge and int(line.columns.max()) >= width - edge


def _slender(line: _Runs) -> bool:
    """Whether it is much longer than strokes of its width are: a rule of a sheet that ends in the picture."""
    return int(np.ptp(line.columns)) + 1 > SLENDER * float(np.mean(line.last - line.first + 1))


def _thin_runs(mask: Mask, thick: int) -> _Runs:
    """Inked pixels that stand on top of each other in a column, up to ``thick`` of them."""
    height, width = mask.shape
    padded = np.zeros((width, height + 2), np.int8)
    padded[:, 1:-1] = mask.T
    steps = np.diff(padded, axis=1)  # (w, h + 1)
    columns, first = np.nonzero(steps == 1)
    after = np.nonzero(steps == -1)[1]
    runs = _Runs(columns, first, after - 1)
    return runs.of(after - first <= thick)


def _straight_lines(runs: _Runs, mask: Mask, thick: int) -> Iterator[_Runs]:
    """The thin runs of each straight line that is inked for most of its length, the longest line first."""
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
        lines.take(middle[on], along[on])


def _covered(line: _Runs, mask: Mask, at: int, slope: float) -> float:
    """Of the columns where it could be seen, in how many a line is inked; strokes across it hide it."""
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
