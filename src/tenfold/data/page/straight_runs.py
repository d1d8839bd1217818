"""Straight thin lines in a mask of ink: runs of ink, chained to pieces, joined where they lie in one line.

In each column, a vertical run of ink is one point of a line across. Runs in neighbouring columns form a chain
while both of their ends move by at most one pixel, so that a chain ends where another stroke touches it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STEEPEST = 0.27  # slope of 15 degrees
MOST_RUNS = 250_000  # a page of a hundred ruled lines has fewer; more are a texture
MOST_LINES = 100  # in each direction; more are a texture
_MOST_PIECES = 5_000  # the longest
_LEAST = 3  # pixels, the shortest piece
_SEED = 3.0  # length over thickness of the first piece of a line
_LEAP = 0.1  # of a line's length; a longer gap is its end

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Runs:
    """Thin vertical runs of ink: their columns, first and last rows, each (n,)."""

    columns: Ints
    first: Ints
    last: Ints

    @property
    def middle(self) -> Floats:
        return (self.first + self.last) / 2

    @property
    def thickness(self) -> Ints:
        return self.last - self.first + 1

    def of(self, where: Mask | Ints) -> Runs:
        return Runs(self.columns[where], self.first[where], self.last[where])


@dataclass(frozen=True)
class Line:
    """A straight line across: ``row = at + slope * column`` from column ``start`` to column ``end``."""

    start: int
    end: int
    at: float
    slope: float
    thickness: float
    runs: Runs

    @property
    def length(self) -> int:
        """Length in pixels."""
        return self.end - self.start + 1

    def row(self, column: float) -> float:
        """Return the row at a column."""
        return self.at + self.slope * column

    def draw_band(self, on: Mask, beyond: int) -> None:
        """Mark the pixels between its ends, with those that strokes hide, and ``beyond`` its ends."""
        columns = np.arange(max(self.start - beyond, 0), min(self.end + beyond + 1, on.shape[1]))
        known = self.runs.of(np.argsort(self.runs.columns, kind="stable"))
        first = np.rint(np.interp(columns, known.columns, known.first)).astype(np.intp)
        for offset in range(round(self.thickness) + 1):
            on[np.minimum(first + offset, on.shape[0] - 1), columns] = True


def thin_runs(mask: Mask, thick: int) -> Runs:
    """Return the vertical runs of at most ``thick`` pixels of ink, column by column."""
    height, width = mask.shape
    padded = np.zeros((width, height + 2), np.int8)
    padded[:, 1:-1] = mask.T
    steps = np.diff(padded, axis=1)  # (w, h + 1)
    columns, first = np.nonzero(steps == 1)
    after = np.nonzero(steps == -1)[1]
    return Runs(columns, first, after - 1).of(after - first <= thick)


def straight_lines(mask: Mask, thick: int, gap: int) -> list[Line]:
    """Return the straight lines across, at most ``thick`` pixels thick; none of a texture.

    Parameters
    ----------
    mask : bool (h, w)
        Ink.
    thick : int
    gap : int
        Blank pixels in a line; a longer line may have longer gaps.
    """
    runs = thin_runs(mask, thick)
    pieces = _pieces(runs, mask)
    if pieces is None:
        return []
    lines = list(itertools.islice(_joined(pieces, runs, mask, gap), MOST_LINES + 1))
    texture = len(lines) > MOST_LINES and 2 * lines[-1].length > mask.shape[1]
    return [] if texture else lines[:MOST_LINES]


def _chains(runs: Runs) -> Ints:
    """Return the chain of each run."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(runs.columns)
    high = int(runs.last.max()) + 3
    keys = runs.columns * high + runs.first
    next_one = np.full(count, -1)
    for step in (-1, 1, 0):
        at = np.searchsorted(keys, keys + high + step)
        there = at < count
        there[there] = keys[at[there]] == keys[there] + high + step
        there[there] = np.abs(runs.last[at[there]] - runs.last[there]) <= 1
        next_one[there] = at[there]
    linked = np.flatnonzero(next_one >= 0)
    graph = coo_array((np.ones(len(linked), bool), (linked, next_one[linked])), (count, count))
    chains: Ints = connected_components(graph, directed=False)[1]
    return chains


@dataclass(frozen=True)
class _Pieces:
    """Straight chains, the longest first: ends, fitted line, thickness, and sums for further fits."""

    labels: Ints  # the piece of each run; -1 for none
    start: Ints
    end: Ints
    sums: Floats  # (n, 5): 1, x, y, xx, xy
    thickness: Floats
    at: Floats
    slope: Floats
    apart: Mask  # whether it ends on blank paper, as a dash does

    @property
    def lengths(self) -> Ints:
        return self.end - self.start + 1


def _pieces(runs: Runs, mask: Mask) -> _Pieces | None:
    """Return the straight chains of runs; None if there are none."""
    if not len(runs.columns):
        return None
    chains = _chains(runs)
    count = int(chains.max()) + 1
    thickness = runs.thickness
    order = np.lexsort((thickness, chains))
    lengths = np.bincount(chains)
    usual = thickness[order][np.cumsum(lengths) - (lengths + 1) // 2]  # the median of each chain
    kept = thickness <= usual[chains] + 1
    x, y = runs.columns.astype(float), runs.middle
    chains, x, y = np.where(kept, chains, count), np.where(kept, x, 0), np.where(kept, y, 0)
    parts = (kept, x, y, x * x, x * y)
    sums: Floats = np.stack([np.bincount(chains, part, count + 1)[:count] for part in parts], 1)
    squares = np.bincount(chains, y * y, count + 1)[:count]
    at, slope = _fit(sums)
    residual = squares - at * sums[:, 2] - slope * sums[:, 4]
    rough = np.sqrt(np.maximum(residual, 0) / np.maximum(sums[:, 0], 1))
    straight = (rough <= 0.6 + 0.06 * usual + 0.002 * lengths) & (np.abs(slope) <= STEEPEST)
    chosen = np.flatnonzero(straight & (sums[:, 0] >= _LEAST))
    chosen = chosen[np.argsort(-sums[chosen, 0], kind="stable")][:_MOST_PIECES]
    if not chosen.size:
        return None
    new = np.full(count + 1, -1)
    new[chosen] = np.arange(len(chosen))
    labels = new[chains]
    on = labels >= 0
    start, end = np.full(len(chosen), np.iinfo(np.intp).max), np.zeros(len(chosen), np.intp)
    np.minimum.at(start, labels[on], runs.columns[on])
    np.maximum.at(end, labels[on], runs.columns[on])
    at, slope = at[chosen], slope[chosen]
    apart = ~(_inked(mask, at, slope, start - 2) | _inked(mask, at, slope, end + 2))
    return _Pieces(labels, start, end, sums[chosen], usual[chosen].astype(float), at, slope, apart)


def _inked(mask: Mask, at: Floats, slope: Floats, columns: Ints) -> Mask:
    """Return whether there is ink in a column on each line."""
    column = columns.clip(0, mask.shape[1] - 1)
    rows = np.rint(at + slope * column).astype(np.intp).clip(0, mask.shape[0] - 1)
    inked: Mask = np.logical_and(mask[rows, column], column == columns)
    return inked


def _fit(sums: Floats) -> tuple[Floats, Floats]:
    """Return the least-squares lines of (..., 5) sums."""
    n, x, y, xx, xy = np.moveaxis(sums, -1, 0)
    n = np.maximum(n, 1)
    spread = xx - x * x / n
    slope = np.where(spread > 0, (xy - x * y / n) / np.maximum(spread, 1e-9), 0)
    return (y - slope * x) / n, slope


def _joined(pieces: _Pieces, runs: Runs, mask: Mask, gap: int) -> Iterator[Line]:
    """Yield lines, each grown from its longest piece."""
    free = np.ones(len(pieces.start), bool)
    by_piece = np.argsort(pieces.labels, kind="stable")
    begins = np.searchsorted(pieces.labels[by_piece], np.arange(len(free) + 1))
    for seed in range(len(free)):
        length = pieces.end[seed] - pieces.start[seed] + 1
        if length < 2 * _LEAST:
            return
        if not free[seed] or length < _SEED * pieces.thickness[seed]:
            continue
        members = _grown(seed, pieces, free, mask, gap)
        free[members] = False
        at, slope = _fit(pieces.sums[members].sum(axis=0))
        own = np.concatenate([by_piece[begins[i] : begins[i + 1]] for i in members])
        start, end = int(pieces.start[members].min()), int(pieces.end[members].max())
        thickness = float(np.median(runs.thickness[own]))
        yield Line(start, end, float(at), float(slope), thickness, _beside(runs.of(own), runs))


def _beside(own: Runs, runs: Runs) -> Runs:
    """Return all runs as near to a line as its own, such as those at the steps of a sloping line."""
    known = own.of(np.argsort(own.columns, kind="stable"))
    first, after = np.searchsorted(runs.columns, (known.columns[0], known.columns[-1] + 1))
    among = runs.of(np.arange(first, after))
    middle = np.interp(among.columns, known.columns, known.middle)
    return among.of(np.abs(among.middle - middle) <= 1 + np.median(own.thickness) / 4)


def _grown(seed: int, pieces: _Pieces, free: Mask, mask: Mask, gap: int) -> Ints:
    """Return the free pieces that lie in one line with a piece, with only short blank gaps between them."""
    members = np.zeros(len(free), bool)
    members[seed] = True
    thick = pieces.thickness[seed]
    alike = free & (pieces.thickness <= 1.5 * thick + 1) & (pieces.thickness >= thick / 2 - 1)
    dashes = alike & (np.abs(pieces.lengths - pieces.lengths[seed]) <= 0.25 * pieces.lengths[seed] + 1)
    dashes &= bool(pieces.apart[seed])
    while True:
        at, slope = _fit(pieces.sums[members].sum(axis=0))
        start, end = pieces.start[members].min(), pieces.end[members].max()
        blank = _blank(mask, at, slope)
        away = np.maximum(blank[start] - blank[pieces.end], blank[pieces.start] - blank[end])
        reach = np.where(dashes, max(gap, pieces.lengths[seed]), max(gap, _LEAP * (end - start)))
        near = np.flatnonzero(alike & ~members & (away <= reach))
        beyond = np.maximum(np.maximum(start - pieces.end[near], pieces.start[near] - end), 0)
        off = [
            np.abs(at + slope * x - pieces.at[near] - pieces.slope[near] * x)
            for x in (pieces.start[near], pieces.end[near])
        ]
        fitting = near[np.maximum(*off) <= 1 + thick / 4 + beyond / max(end - start, 1)]
        if not fitting.size:
            return np.flatnonzero(members)
        members[fitting] = True


def _blank(mask: Mask, at: Floats, slope: Floats) -> Ints:
    """Return how many pixels of a line are blank up to each column; ink of strokes may hide the line."""
    columns = np.arange(mask.shape[1])
    blank: Ints = np.cumsum(~_inked(mask, at, slope, columns))
    return blank
