"""Thin runs of ink and the chains that they form, compiled: what `tenfold.data.page` looks for lines in."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel

_NONE = -1


@entry
def chains_across(mask: Any, gap: int, thick: int) -> Any:
    """Return the vertical runs of ink of a mask (h, w), and the chains across that they form.

    First, blank stretches of at most ``gap`` pixels within a row are filled. A run is then at most ``thick``
    pixels of ink in a column. It is chained to a run of the next column whose ends are at most one pixel
    away: to one that begins in the same row if there is one, else a row below, else a row above. All runs
    that lead to one last run are one chain; chains are numbered by their first runs.

    Returns
    -------
    runs : int64 array (3, n)
        Columns, first and last rows, column by column and downwards.
    chains : int64 array (n,)
        The chain of each run.
    ends : int64 array (2, m)
        First and last column of each chain.
    sums : float64 array (8, m)
        Of each chain: its runs, their mean thickness, and over those that are at most a pixel thicker than
        the mean, with column x and middle y: their number, the sums of x, y, xx, xy, yy.
    """
    runs, begins = _by_columns(_thin_runs(mask, gap, thick), mask.shape[1])
    last = _last_of_chain(runs, begins)
    chains, m = _numbered(last)
    ends, sums = _summed(runs, chains, m)
    return runs, chains, ends, sums


@kernel
def _thin_runs(mask: Any, gap: int, thick: int) -> Any:
    """Return the runs in the order in which they end, row by row, (3, n).

    Most pixels are as the ones above them: rows are compared by words of eight pixels.
    """
    h, w = mask.shape
    words = np.zeros((2, (w + 7) // 8), np.uint64)
    rows = words.view(np.uint8)  # (2, w or a little more): this row and the one above
    begin = np.zeros(w, np.int64)  # the row in which the ink of a column began
    runs, n = np.empty((3, 4 * w), np.int64), 0
    for y in range(h + 1):  # in the last one, all ink has ended
        this, above = y % 2, 1 - y % 2
        if y < h:
            _closed(mask[y], gap, words[this], rows[this])
        else:
            words[this] = 0
        for word in range(words.shape[1]):
            if words[this, word] == words[above, word]:
                continue
            for x in range(8 * word, min(8 * word + 8, w)):
                if rows[this, x] > rows[above, x]:
                    begin[x] = y
                elif rows[this, x] < rows[above, x] and y - begin[x] <= thick:
                    if n == runs.shape[1]:
                        more = np.empty((3, 2 * n), np.int64)
                        more[:, :n] = runs
                        runs = more
                    runs[0, n], runs[1, n], runs[2, n] = x, begin[x], y - 1
                    n += 1
    return runs[:, :n]


@kernel
def _closed(ink: Any, gap: int, words: Any, row: Any) -> None:
    """Write the ink of a row, (w,), and fill the blank stretches of at most ``gap`` pixels between ink."""
    w = len(ink)
    for x in range(w):
        row[x] = ink[x]
    latest = _NONE  # column of the latest ink
    for word in range(len(words)):
        if words[word] == 0:
            continue
        for x in range(8 * word, min(8 * word + 8, w)):
            if row[x]:
                if latest != _NONE and x - latest - 1 <= gap:
                    for between in range(latest + 1, x):
                        row[between] = 1
                latest = x


@kernel
def _by_columns(runs: Any, w: int) -> Any:
    """Return the runs column by column, and how many there are before each column, (w + 2,)."""
    n = runs.shape[1]
    begins, ordered = np.zeros(w + 2, np.int64), np.empty((3, n), np.int64)
    for i in range(n):
        begins[runs[0, i] + 1] += 1
    for x in range(w + 1):
        begins[x + 1] += begins[x]
    at = begins.copy()
    for i in range(n):
        x = runs[0, i]
        ordered[0, at[x]], ordered[1, at[x]], ordered[2, at[x]] = x, runs[1, i], runs[2, i]
        at[x] += 1
    return ordered, begins


@kernel
def _last_of_chain(runs: Any, begins: Any) -> Any:
    """Return the last run of each run's chain, (n,)."""
    n = runs.shape[1]
    last = np.empty(n, np.int64)
    for x in range(begins.shape[0] - 3, _NONE, -1):
        near = begins[x + 1]  # of the next column, the first run that is not a row above or more
        for i in range(begins[x], begins[x + 1]):
            while near < begins[x + 2] and runs[1, near] < runs[1, i] - 1:
                near += 1
            best, least = i, 3
            for j in range(near, min(near + 3, begins[x + 2])):  # runs of a column do not touch
                down = runs[1, j] - runs[1, i]
                rank = 0 if down == 0 else 1 if down == 1 else 2 if down == -1 else 3
                if rank < least and abs(runs[2, j] - runs[2, i]) <= 1:
                    best, least = j, rank
            last[i] = i if best == i else last[best]
    return last


@kernel
def _numbered(last: Any) -> Any:
    """Return the number of each run's chain, (n,), and how many chains there are."""
    n = last.shape[0]
    number, chains, m = np.full(n, _NONE, np.int64), np.empty(n, np.int64), 0
    for i in range(n):
        if number[last[i]] == _NONE:
            number[last[i]] = m
            m += 1
        chains[i] = number[last[i]]
    return chains, m


@kernel
def _summed(runs: Any, chains: Any, m: int) -> Any:
    """Return the ends of the chains, (2, m), and their sums, (8, m)."""
    ends, sums = np.full((2, m), _NONE, np.int64), np.zeros((8, m))
    for i in range(len(chains)):
        c = chains[i]
        if ends[0, c] == _NONE:
            ends[0, c] = runs[0, i]
        ends[1, c] = runs[0, i]
        sums[0, c] += 1
        sums[1, c] += runs[2, i] - runs[1, i] + 1
    for c in range(m):
        sums[1, c] /= sums[0, c]
    for i in range(len(chains)):
        c = chains[i]
        if runs[2, i] - runs[1, i] + 1 <= sums[1, c] + 1:
            x, y = float(runs[0, i]), (runs[1, i] + runs[2, i]) / 2
            sums[2, c] += 1
            sums[3, c] += x
            sums[4, c] += y
            sums[5, c] += x * x
            sums[6, c] += x * y
            sums[7, c] += y * y
    return ends, sums
