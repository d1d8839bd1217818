"""Ruled lines and squares taken away, and digits that they cross left whole.

A rule is straight, thin and runs across the picture; a digit's stroke does none of these for long.
In each column, ink that is no thicker than a rule is one point; straight lines are found by counting the
points on each of them, for slopes up to 15 degrees.

References
----------
R. O. Duda, P. E. Hart, "Use of the Hough transformation to detect lines and curves in pictures",
Communications of the ACM 15, 1972.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey

FAINT = 60  # of 255; so pale may ink be that belongs to a rule
COVERED = 0.55  # of its length; a rule may be interrupted
ALIKE = 0.8  # of what another rule is covered; strokes are shorter
THICK = 0.012  # of the picture's shorter side, at least 3 pixels; what is thicker is no rule
SLENDER = 40  # length over width; no stroke of a digit is
MOST_RULES = 100  # each way; more are a texture
_SHORTEST = 20  # pixels; no rule is told from a stroke in a picture that is narrower
_CUT_OFF = 0.12  # of the picture's width; a rule that cuts off a corner is at least so long
_SLOPES = np.tan(np.deg2rad(np.arange(-15, 15.01, 0.5)))
_AT_ONCE = 8  # slopes whose counts are taken together
_NEAR_EDGE = 0.06  # of the picture
_AT_EDGE = 0.02  # of the picture; so close to both edges a single rule must come

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def rules(amount: Grey, even: bool = True) -> Mask:
    """Find ruled lines, across and down.

    Parameters
    ----------
    amount : uint8 array (h, w)
    even : bool
        See `Ink`. Where the paper is uneven, a sheet and its rules may end within the picture.

    Returns
    -------
    bool array (h, w)
        Their ink, without that of the strokes that cross them.
    """
    mask = amount >= FAINT
    if even and not _at_opposite_edges(mask):
        return np.zeros_like(mask)
    down = _across(np.ascontiguousarray(mask.T), even)
    return _across(mask, even) | np.ascontiguousarray(down.T)


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

    def of(self, where: Mask) -> _Runs:
        return _Runs(self.columns[where], self.first[where], self.last[where])


def _across(mask: Mask, even: bool) -> Mask:
    """Rules that run across, from edge to edge of the picture or of the sheet."""
    width = mask.shape[1]
    found = np.zeros_like(mask)
    if width < _SHORTEST:
        return found
    thick = max(3, round(THICK * min(mask.shape)))
    lines = list(_straight_lines(mask, thick))
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


def _straight_lines(mask: Mask, thick: int) -> Iterator[_Runs]:
    """The thin runs of each straight line that is inked for most of its length, the longest line first."""
    runs, (height, width) = _thin_runs(mask, thick), mask.shape
    near = max(1, thick // 2)
    along = runs.columns - width // 2
    beyond = math.ceil(
        _SLOPES[-1] * width / 2
    )  # so far outside may be the middle of one that cuts off a corner
    counts, room = _counts(runs.middle, along, height, beyond), _room(height, width, beyond)
    free = np.ones(len(along), bool)
    least = COVERED
    for _ in range(MOST_RULES):
        banded = _banded(counts, near)
        banded[(banded < COVERED * room) | (room < _CUT_OFF * width)] = 0
        line = np.unravel_index(int(np.argmax(banded)), counts.shape)
        if banded[line] == 0:
            return
        at, slope = int(line[1]) - beyond, _SLOPES[line[0]]
        on = free & (np.abs(runs.middle - (at + slope * along)) <= near + 0.5)
        share = _covered(runs.of(on), mask, at, slope)
        if share >= least:
            least = max(least, ALIKE * share)
            yield runs.of(on)
        free &= ~on
        counts -= _counts(runs.middle[on], along[on], height, beyond)


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


def _counts(middle: Floats, along: npt.NDArray[np.intp], height: int, beyond: int) -> npt.NDArray[np.int32]:
    """How many runs lie on each line, by its slope and its row in the middle of the picture."""
    rows = height + 2 * beyond
    counts = np.empty((len(_SLOPES), rows), np.int32)
    for first in range(0, len(_SLOPES), _AT_ONCE):
        slopes = _SLOPES[first : first + _AT_ONCE, None]
        row = np.rint(middle - slopes * along).astype(np.intp) + beyond  # (slopes, n)
        row += rows * np.arange(len(slopes))[:, None]
        count = np.bincount(row.ravel(), minlength=rows * len(slopes))
        counts[first : first + _AT_ONCE] = count.reshape(len(slopes), rows)
    return counts


def _banded(counts: npt.NDArray[np.int32], near: int) -> npt.NDArray[np.int32]:
    """The counts of all lines up to ``near`` rows away, together."""
    total = np.cumsum(np.pad(counts, ((0, 0), (near + 1, near))), axis=1, dtype=np.int32)
    banded: npt.NDArray[np.int32] = total[:, 2 * near + 1 :] - total[:, : -2 * near - 1]
    return banded


def _room(height: int, width: int, beyond: int) -> Floats:
    """In how many columns each line lies within the picture, by slope and row."""
    rows = np.arange(-beyond, height + beyond)
    slopes = np.where(_SLOPES == 0, 1e-9, _SLOPES)[:, None]
    ends = np.clip(np.stack([-rows / slopes, (height - 1 - rows) / slopes]), -(width // 2), (width - 1) // 2)
    room: Floats = np.abs(ends[0] - ends[1]) + 1
    return room


def _draw(line: _Runs, found: Mask) -> None:
    """Mark the pixels of runs."""
    for offset in range(int((line.last - line.first).max()) + 1):
        there = line.first + offset <= line.last
        found[(line.first + offset)[there], line.columns[there]] = True
