"""Straight thin lines in a mask of ink.

In each column, a vertical run of ink is one point of a line across. Runs in neighbouring columns form a chain
while both of their ends move by at most one pixel, so that a chain ends where another stroke touches it.
Straight chains are pieces of lines; a line grows from its longest piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

MOST_RUNS = 250_000  # a page of a hundred ruled lines has fewer; more are a texture
MOST_LINES = 100  # in each direction; more are a texture
_STEEPEST = 0.65  # slope of 33 degrees
_MOST_PIECES = 5_000  # the longest
_LEAST = 3  # pixels, the shortest piece; a line begins with one of twice that
_SEED = 2.0  # length over thickness of the first piece of a line
_BROKEN = 0.1  # of a line that is blank; else it has no dashes
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

    def pixels(self) -> tuple[Ints, Ints]:
        """Return the rows and the columns of all their pixels."""
        length = self.thickness
        rows = np.repeat(self.last + 1 - np.cumsum(length), length) + np.arange(length.sum())
        return rows, np.repeat(self.columns, length)

    def of(self, where: Mask | Ints) -> Runs:
        return Runs(self.columns[where], self.first[where], self.last[where])


@dataclass(frozen=True)
class Line:
    """A straight line across: its end columns, their rows, the usual length of its dashes or 0, its ink."""

    start: int
    end: int
    rows: tuple[float, float]
    thickness: float
    dash: float
    runs: Runs


def straight_lines(mask: Mask, thick: int, gap: int) -> list[Line]:
    """Return the straight lines across, at most ``thick`` pixels thick; none of a texture.

    They may have ``gap`` blank pixels at once, a longer line more, a dashed one as many as a dash has.
    """
    lines = list(_grown_lines(mask, thick, gap))
    return lines if len(lines) < MOST_LINES or 2 * lines[-1].runs.columns.size < mask.shape[1] else []


@dataclass(frozen=True)
class _Pieces:
    """Straight chains, the longest first: their chains, ends, thickness, and sums for fits; each (n, ...)."""

    chain: Ints
    start: Ints
    end: Ints
    thickness: Floats
    sums: Floats  # 1, x, y, xx, xy

    @property
    def length(self) -> Ints:
        return self.end - self.start + 1


def _may_begin(length: Ints | Floats, thickness: Floats) -> Mask:
    """Return which pieces are so much longer than thick that a line may begin with them."""
    begins: Mask = length >= np.maximum(2 * _LEAST, _SEED * thickness)
    return begins


@cache
def _chains_across() -> Callable[..., tuple[Ints, Ints, Ints, Floats]]:
    """Return the compiled search; on a machine where it is the first to be compiled, a line says so."""
    from tenfold.backend.cpu.start import compile_first  # here, because importing Numba is slow
    from tenfold.backend.drawing.line_pieces import chains_across

    compile_first("line_pieces.chains_across")
    found: Callable[..., tuple[Ints, Ints, Ints, Floats]] = chains_across
    return found


def _straight(ends: Ints, sums: Floats) -> _Pieces | None:
    """Return the straight chains; None if no line can begin with one of them.

    Parameters
    ----------
    ends : int array (2, m)
        First and last column of each chain.
    sums : float array (8, m)
        See `tenfold.backend.drawing.line_pieces.chains_across`.
    """
    lengths, thickness, n = sums[:3]
    if not _may_begin(lengths, thickness).any():
        return None
    fitted = sums[2:7].T
    at, slope = _fit(fitted)
    residual = sums[7] - at * sums[4] - slope * sums[6]
    rough = np.sqrt(np.maximum(residual, 0) / np.maximum(n, 1))
    straight = (rough <= 0.6 + 0.06 * thickness + 0.002 * lengths) & (np.abs(slope) <= _STEEPEST)
    found = np.flatnonzero(straight & (n >= _LEAST))
    found = found[np.argsort(-lengths[found], kind="stable")][:_MOST_PIECES]
    return _Pieces(found, ends[0, found], ends[1, found], thickness[found], fitted[found])


def _fit(sums: Floats) -> tuple[Floats, Floats]:
    """Return row in column 0 and slope of the least-squares lines of (..., 5) sums."""
    n, x, y, xx, xy = (sums[..., i] for i in range(5))
    n = np.maximum(n, 1)
    spread = np.maximum(xx - x * x / n, 1e-9)
    slope = (xy - x * y / n) / spread
    return (y - slope * x) / n, slope


def _grown_lines(mask: Mask, thick: int, gap: int) -> Iterator[Line]:
    """Yield the lines, each grown from its longest piece."""
    found, chains, ends, sums = _chains_across()(np.ascontiguousarray(mask), gap, thick)
    pieces = _straight(ends, sums)
    if pieces is None:
        return
    runs = Runs(*found)
    by_chain = np.argsort(chains, kind="stable")
    begins = np.searchsorted(chains[by_chain], np.arange(chains.max() + 2))
    free = np.ones(len(pieces.chain), bool)
    count = 0
    for seed in np.flatnonzero(_may_begin(pieces.length, pieces.thickness)):
        if not free[seed] or count == MOST_LINES:
            continue
        members = _grown(int(seed), pieces, free, mask, gap)
        free[members] = False
        own = np.concatenate([by_chain[begins[i] : begins[i + 1]] for i in pieces.chain[members]])
        at, slope = _fit(pieces.sums[members].sum(axis=0))
        start, end = pieces.start[members].min(), pieces.end[members].max()
        blank = _blank(mask, at, slope)
        inked = start + np.flatnonzero(~blank[start : end + 1])
        if not inked.size:
            continue
        start, end = int(inked[0]), int(inked[-1])  # without gaps that were closed beyond its ends
        rows = (float(at + slope * start), float(at + slope * end))
        thickness = float(np.median(runs.thickness[own]))
        count += 1
        yield Line(
            start, end, rows, thickness, _dash(blank[start : end + 1]), _beside(runs.of(own), runs, thickness)
        )


def _dash(blank: Mask) -> float:
    """Return the median length of stretches of ink; 0 if nearly all is ink."""
    if blank.mean() < _BROKEN:
        return 0.0
    ends = np.flatnonzero(np.diff(np.concatenate(([1], blank, [1]))))
    return float(np.median(ends[1::2] - ends[::2]))


def _beside(own: Runs, runs: Runs, thickness: float) -> Runs:
    """Return all runs as near to a line as its own, such as those at the steps of a sloping line."""
    known = own.of(np.argsort(own.columns, kind="stable"))
    first, after = np.searchsorted(runs.columns, (known.columns[0], known.columns[-1] + 1))
    among = runs.of(np.arange(first, after))
    middle = np.interp(among.columns, known.columns, known.middle)
    return among.of(np.abs(among.middle - middle) <= 1 + thickness / 4)


def _grown(seed: int, pieces: _Pieces, free: Mask, mask: Mask, gap: int) -> Ints:
    """Return the free pieces that lie in one line with a piece, with only short blank gaps between them."""
    members = np.zeros(len(free), bool)
    members[seed] = True
    thick, length = pieces.thickness[seed], pieces.length[seed]
    alike = free & (pieces.thickness <= 1.5 * thick + 1) & (pieces.thickness >= thick / 2 - 1)
    dashes = np.abs(pieces.length - length) <= 0.25 * length + 1
    while True:
        at, slope = _fit(pieces.sums[members].sum(axis=0))
        start, end = pieces.start[members].min(), pieces.end[members].max()
        blank = np.cumsum(_blank(mask, at, slope))
        away = np.maximum(blank[start] - blank[pieces.end], blank[pieces.start] - blank[end])
        reach = np.maximum(np.where(dashes, max(gap, length), gap), _LEAP * (end - start))
        near = np.flatnonzero(alike & ~members & (away <= reach))
        if not near.size:
            return np.flatnonzero(members)
        beyond = np.maximum(np.maximum(start - pieces.end[near], pieces.start[near] - end), 0)
        own_at, own_slope = _fit(pieces.sums[near])
        off = np.zeros(len(near))
        for x in (pieces.start[near], pieces.end[near]):
            off = np.maximum(off, np.abs(at + slope * x - own_at - own_slope * x))
        fitting = near[off <= 1 + thick / 4 + beyond / max(end - start, 1)]
        if not fitting.size:
            return np.flatnonzero(members)
        members[fitting] = True


def _blank(mask: Mask, at: Floats, slope: Floats) -> Mask:
    """Return which pixels of a line are blank; ink of strokes may hide the line."""
    columns = np.arange(mask.shape[1])
    rows = np.rint(at + slope * columns).astype(np.intp).clip(0, mask.shape[0] - 1)
    blank: Mask = ~mask[rows, columns]
    return blank
