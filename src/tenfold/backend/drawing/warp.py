"""Images taken at other places than their pixels': an affine map, and a smooth bending on top of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import between, put_in


@entry
def bend(
    first: int, last: int, images: Any, altered: Any, matrices: Any, moves: Any, basis: Any, new: Any
) -> None:
    """Images (n, h, w), where altered taken at ``matrix @ (row, column, 1) + move``.

    The moves of a pixel, down and right, are a smooth mixture of those of few points: moves
    (n, 2, points, points), mixed by basis (h, points) along each axis.
    """
    _, h, w = images.shape
    points = basis.shape[1]
    rows = np.empty((2, h, points))
    bordered = np.zeros((h + 3, w + 3), np.float32)
    for k in range(first, last):
        if not altered[k]:
            new[k] = images[k]
            continue
        for axis in range(2):
            for i in range(h):
                for q in range(points):
                    total = 0.0
                    for p in range(points):
                        total += basis[i, p] * moves[k, axis, p, q]
                    rows[axis, i, q] = total
        m = matrices[k]
        put_in(images[k], bordered)
        for i in range(h):
            for j in range(w):
                y = m[0, 0] * i + m[0, 1] * j + m[0, 2]
                x = m[1, 0] * i + m[1, 1] * j + m[1, 2]
                for q in range(points):
                    y += rows[0, i, q] * basis[j, q]
                    x += rows[1, i, q] * basis[j, q]
                new[k, i, j] = between(bordered, y, x)


@kernel
def smooth(field: Any, taps: Any, wide: Any, smoothed: Any) -> None:
    """A field (h, w) with zeros around it, each place mixed with its neighbours by weights ``taps``.

    Down the columns into wide (h, w + 2 reach), whose margins are zeros, then along the rows.
    """
    h, w = smoothed.shape
    reach = taps.shape[0] // 2
    for i in range(h):
        for j in range(w):
            wide[i, reach + j] = 0
        for t in range(max(0, reach - i), min(2 * reach + 1, h + reach - i)):
            for j in range(w):
                wide[i, reach + j] += taps[t] * field[i + t - reach, j]
    for i in range(h):
        for j in range(w):
            smoothed[i, j] = 0
        for t in range(2 * reach + 1):
            for j in range(w):
                smoothed[i, j] += taps[t] * wide[i, j + t]


@entry
def displace(
    first: int, last: int, images: Any, altered: Any, matrices: Any, field: Any, taps: Any, new: Any
) -> None:
    """Images (n, h, w), where altered taken at ``matrix @ (row, column, 1) + move``.

    The moves of all pixels, down and right, are the field (n, 2, h, w), smoothed by ``taps``.
    """
    _, h, w = images.shape
    wide = np.zeros((h, w + taps.shape[0] - 1), np.float32)
    moves = np.empty((2, h, w), np.float32)
    bordered = np.zeros((h + 3, w + 3), np.float32)
    for k in range(first, last):
        if not altered[k]:
            new[k] = images[k]
            continue
        for axis in range(2):
            smooth(field[k, axis], taps, wide, moves[axis])
        m = matrices[k]
        put_in(images[k], bordered)
        for i in range(h):
            for j in range(w):
                y = m[0, 0] * i + m[0, 1] * j + m[0, 2] + moves[0, i, j]
                x = m[1, 0] * i + m[1, 1] * j + m[1, 2] + moves[1, i, j]
                new[k, i, j] = between(bordered, y, x)
