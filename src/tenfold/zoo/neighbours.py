"""Exact nearest neighbours among images, found fast: a cheap lower bound first, the truth where it matters.

An orthogonal map ``v`` keeps distances, so the first few coordinates give a lower bound; the length
of what they leave out sharpens it (the reverse triangle inequality). Along the principal axes of
the images, 128 of 784 coordinates give nine tenths of the squared distance between neighbours, at a
sixth of the arithmetic. The few images whose bound does not rule them out are measured exactly.

References
----------
I. T. Jolliffe, "Principal Component Analysis", 2nd ed., section 2.1 (the axes).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import ConfigError

_AXES = 128
_GROUPS = 64  # the nearest in every group by the bound, of which the best k give a first limit
_BLOCK = 512  # queries at a time: 512 x 60,000 bounds take 123 MB
# Room for the rounding of the float32 bounds: a product of 130 terms errs by at most 130 * 2**-24 = 8e-6 of
# the product of the lengths, twice that with the sum around it; this is six times as much.
_SLACK = 1e-4


class Neighbours:
    """Images arranged so that the nearest of them are found quickly.

    Parameters
    ----------
    images : uint8 (n, p)
        Pixels in rows.
    """

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self.images = images
        self.mean = images.mean(axis=0, dtype=np.float64)  # (p,)
        self.axes = _principal_axes(images, self.mean)  # (p, d)
        points = _in_blocks(images, self._project)  # (n, d + 1)
        self.lengths = np.sum(points.astype(np.float64) ** 2, axis=1).astype(np.float32)  # (n,)
        self.minus_twice = np.ascontiguousarray(-2 * points.T)  # (d + 1, n)

    def nearest(self, queries: NDArray[Any], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ``k`` nearest images of each query, nearest first, of equals the first.

        Parameters
        ----------
        queries : uint8 or floats (m, p)
            On the scale of the images, 0..255.
        k : int
            At most 64 and at most ``n``.

        Returns
        -------
        index : int64 (m, k)
        squared_distances : float64 (m, k)

        Raises
        ------
        ConfigError
            If ``k`` is more than there are.
        """
        if not 1 <= k <= min(_GROUPS, len(self.images)):
            raise ConfigError(
                f"expected 1 to {min(_GROUPS, len(self.images))} neighbours among {len(self.images)} images, "
                f"got {k}; use fewer neighbours or more images"
            )
        index = np.empty((len(queries), k), np.int64)
        distances = np.empty((len(queries), k))
        for start in range(0, len(queries), _BLOCK):
            block = slice(start, start + _BLOCK)
            index[block], distances[block] = self._nearest(queries[block].astype(np.float64), k)
        return index, distances

    def _project(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Return the coordinates along the axes, and the length of what they leave out: (m, d + 1)."""
        centred = rows - self.mean
        along = centred @ self.axes
        left_out = np.sum(centred**2, axis=1) - np.sum(along**2, axis=1)
        return np.column_stack([along, np.sqrt(np.maximum(left_out, 0))]).astype(np.float32)

    def _nearest(self, queries: NDArray[np.float64], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        points = self._project(queries)
        lengths = np.sum(points.astype(np.float64) ** 2, axis=1)  # (m,)
        slack = _SLACK * (lengths + float(self.lengths.max()))
        bounds = points @ self.minus_twice  # (m, n)
        bounds += self.lengths  # lower bounds of the squared distance, less the query's own length
        first = _likely(bounds, k)  # (m, k)
        limit = _measure(queries, self.images, first).max(axis=1)  # (m,): the k-th nearest is no further
        left = np.flatnonzero(bounds <= (limit - lengths + slack).astype(np.float32)[:, np.newaxis])
        rows, columns = np.divmod(left, len(self.images))
        return _select(queries, self.images, rows, columns, k)


def _principal_axes(images: NDArray[np.uint8], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the directions in which the images vary most, (p, d)."""
    rows = images.astype(np.float32) - mean.astype(np.float32)
    _, vectors = np.linalg.eigh((rows.T @ rows).astype(np.float64))  # rising variance
    return np.ascontiguousarray(vectors[:, ::-1][:, :_AXES])


def _in_blocks(rows: NDArray[np.uint8], function: Any) -> NDArray[np.float32]:
    return np.concatenate([function(rows[start : start + 4096]) for start in range(0, len(rows), 4096)])


def _likely(bounds: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return k distinct candidates for each query: the best by the bound, each of another group, (m, k)."""
    m, n = bounds.shape
    edges = np.linspace(0, n, min(_GROUPS, n) + 1).astype(np.int64)
    least = np.stack([bounds[:, i:j].min(axis=1) for i, j in pairwise(edges)], axis=1)  # (m, g)
    groups = np.argpartition(least, k - 1, axis=1)[:, :k]
    return np.array(
        [
            [edges[g] + np.argmin(row[edges[g] : edges[g + 1]]) for g in chosen]
            for row, chosen in zip(bounds, groups, strict=True)
        ],
        np.int64,
    ).reshape(m, k)


def _measure(
    queries: NDArray[np.float64], images: NDArray[np.uint8], candidates: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the squared distance of each query to each of its candidates, (m, k)."""
    return np.stack([_squared(queries, images[column]) for column in candidates.T], axis=1)


def _squared(queries: NDArray[np.float64], images: NDArray[np.uint8]) -> NDArray[np.float64]:
    difference = queries - images  # exact: whole numbers below 2**53
    return np.asarray(np.einsum("ij,ij->i", difference, difference))


def _select(
    queries: NDArray[np.float64],
    images: NDArray[np.uint8],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Measure the pairs (row, column) that are left and keep each row's k nearest."""
    step = 512  # pairs at a time: 3 MB, which stay in the cache
    pairs = [slice(start, start + step) for start in range(0, len(rows), step)]
    distances = np.concatenate([_squared(queries[rows[s]], images[columns[s]]) for s in pairs])
    order = np.lexsort((columns, distances, rows))
    starts = np.searchsorted(rows, np.arange(len(queries)))  # rows is sorted, and so is rows[order]
    chosen = order[starts[:, np.newaxis] + np.arange(k)]  # (m, k)
    return columns[chosen], distances[chosen]
