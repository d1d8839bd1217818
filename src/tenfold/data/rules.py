"""Ruled lines and squares taken away, and digits that they cross left whole.

A rule is straight, thin and runs across the picture; a digit's stroke does none of these for long.
Straight lines are found by counting the ink along each of them, for slopes up to 5 degrees.

References
----------
R. O. Duda, P. E. Hart, "Use of the Hough transformation to detect lines and curves in pictures",
Communications of the ACM 15, 1972.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tenfold.data.components import LOW
from tenfold.data.grey import Grey

COVERED = 0.55  # of its length; a rule may be interrupted
THICK = 0.012  # of the picture's shorter side, at least 3 pixels; what is thicker is no rule
MOST_RULES = 100  # each way; more are a texture
_SHORTEST = 20  # pixels; no rule is told from a stroke in a picture that is narrower
_SLOPES = np.tan(np.deg2rad(np.arange(-5, 5.01, 0.25)))
_NEAR_EDGE = 0.06  # of the picture; on paper that ends within it, rules do too
_AT_EDGE = 0.02  # of the picture; so close to both edges a single rule must come

Mask = npt.NDArray[np.bool_]


def rules(amount: Grey) -> Mask:
    """Find ruled lines, across and down.

    Parameters
    ----------
    amount : uint8 array (h, w)
        See `Ink`.

    Returns
    -------
    bool array (h, w)
        Their ink, without that of the strokes that cross them.
    """
    mask = amount >= LOW
    if not _at_opposite_edges(mask):
        return np.zeros_like(mask)
    return _across(mask) | np.ascontiguousarray(_across(np.ascontiguousarray(mask.T)).T)


def _at_opposite_edges(mask: Mask) -> bool:
    """Whether there is ink near the left and the right edge, or near the upper and the lower."""
    height, width = mask.shape
    across, down = max(1, round(_NEAR_EDGE * width)), max(1, round(_NEAR_EDGE * height))
    return bool(
        (mask[:, :across].any() and mask[:, -across:].any()) or (mask[:down].any() and mask[-down:].any())
    )


def _across(mask: Mask) -> Mask:
    """Rules that run across: from edge to edge, or several side by side."""
    height, width = mask.shape
    found = np.zeros_like(mask)
    if width < _SHORTEST:
        return found
    thick = max(3, round(THICK * min(mask.shape)))
    thin = mask & (_run_lengths(mask) <= thick)
    edge, columns = max(1, round(_AT_EDGE * width)), np.arange(width)
    count, whole = 0, False
    for line in itertools.islice(_straight_lines(thin, thick), MOST_RULES):
        band = _band(line, thick, height)
        near = thin[band, columns]  # (2 * thick + 1, w)
        found[band, columns] |= near
        whole |= bool(near[:, :edge].any() and near[:, -edge:].any())
        count += 1
    return found if whole or count > 1 else np.zeros_like(mask)


def _straight_lines(thin: Mask, thick: int) -> Iterator[npt.NDArray[np.intp]]:
    """Straight lines that are inked for most of their length, each as its row in every column."""
    height, width = thin.shape
    if np.count_nonzero(thin) < COVERED * width:
        return
    rows, columns = np.nonzero(thin)
    counts = _counts(rows, columns - width // 2, height)  # (slopes, height)
    along = np.arange(width) - width // 2
    while counts.max(initial=0) >= COVERED * width:
        slope, row = np.unravel_index(int(np.argmax(counts)), counts.shape)
        yield np.rint(row + _SLOPES[slope] * along).astype(np.intp)
        counts[:, max(row - 2 * thick, 0) : row + 2 * thick + 1] = 0


def _counts(rows: npt.NDArray[np.intp], along: npt.NDArray[np.intp], height: int) -> npt.NDArray[np.int64]:
    """How much ink lies on each line, by its slope and its row in the middle; three pixels count as one."""
    counts = np.zeros((len(_SLOPES), height), np.int64)
    for slope, count in zip(_SLOPES, counts, strict=True):
        middle = np.rint(rows - slope * along).astype(np.intp)
        inside = middle[(middle >= 0) & (middle < height)]
        count[:] = np.bincount(inside, minlength=height)
    spread = counts.copy()
    spread[:, 1:] += counts[:, :-1]
    spread[:, :-1] += counts[:, 1:]
    return spread


def _band(line: npt.NDArray[np.intp], thick: int, height: int) -> npt.NDArray[np.intp]:
    """All rows within ``thick`` of a line, (2 * thick + 1, width)."""
    band: npt.NDArray[np.intp] = np.clip(line + np.arange(-thick, thick + 1)[:, None], 0, height - 1)
    return band


def _run_lengths(mask: Mask) -> npt.NDArray[np.int32]:
    """How many inked pixels stand on top of each other where each stands."""
    height, width = mask.shape
    padded = np.zeros((height + 2, width), np.int8)
    padded[1:-1] = mask
    steps = np.diff(padded, axis=0).T  # (w, h + 1)
    first, last = np.nonzero(steps == 1), np.nonzero(steps == -1)
    lengths = last[1] - first[1]
    runs = np.zeros((width, height + 1), np.int32)
    runs[first] = lengths
    runs[last] -= lengths
    return np.ascontiguousarray(np.cumsum(runs, axis=1)[:, :height].T)
