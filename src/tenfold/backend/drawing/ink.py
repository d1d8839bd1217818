"""Strokes on a canvas, and places between its pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import kernel


@kernel
def put_in(image: Any, bordered: Any) -> None:
    """Copy an image into its border of zeros, one pixel above and left, two below and right."""
    h, w = image.shape
    for i in range(h):
        for j in range(w):
            bordered[i + 1, j + 1] = image[i, j]


@kernel
def between(bordered: Any, y: float, x: float) -> float:
    """The image in a border at a place between its pixels, bilinearly, with zeros around it."""
    y = min(max(y + 1, 0.0), bordered.shape[0] - 2.0)
    x = min(max(x + 1, 0.0), bordered.shape[1] - 2.0)
    i, j = int(y), int(x)
    down, right = np.float32(y - i), np.float32(x - j)
    above = bordered[i, j] + right * (bordered[i, j + 1] - bordered[i, j])
    below = bordered[i + 1, j] + right * (bordered[i + 1, j + 1] - bordered[i + 1, j])
    return above + down * (below - above)


@kernel
def stroke(canvas: Any, y0: float, x0: float, y1: float, x1: float, radius: float, ink: float) -> None:
    """Draw a straight stroke with round ends, its edge one pixel soft; darker ink stays."""
    h, w = canvas.shape
    reach = radius + 1
    dy, dx = y1 - y0, x1 - x0
    length2 = dy * dy + dx * dx + 1e-9
    for i in range(max(0, int(min(y0, y1) - reach)), min(h, int(max(y0, y1) + reach) + 2)):
        for j in range(max(0, int(min(x0, x1) - reach)), min(w, int(max(x0, x1) + reach) + 2)):
            t = min(max(((i - y0) * dy + (j - x0) * dx) / length2, 0.0), 1.0)
            distance = math.hypot(i - y0 - t * dy, j - x0 - t * dx)
            value = ink * min(max(radius + 0.5 - distance, 0.0), 1.0)
            if value > canvas[i, j]:
                canvas[i, j] = np.float32(value)


@kernel
def curve(canvas: Any, points: Any, count: int, radius: float, ink: float) -> None:
    """Draw a smooth stroke through points (y, x): Catmull and Rom's curve, in short straight pieces."""
    pieces = 6
    for k in range(count - 1):
        a, b = points[max(k - 1, 0)], points[k]
        c, d = points[k + 1], points[min(k + 2, count - 1)]
        y0, x0 = b[0], b[1]
        for piece in range(1, pieces + 1):
            t = piece / pieces
            t2, t3 = t * t, t * t * t
            wa, wb = -0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1
            wc, wd = -1.5 * t3 + 2 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2
            y = wa * a[0] + wb * b[0] + wc * c[0] + wd * d[0]
            x = wa * a[1] + wb * b[1] + wc * c[1] + wd * d[1]
            stroke(canvas, y0, x0, y, x, radius, ink)
            y0, x0 = y, x


@kernel
def polyline(canvas: Any, points: Any, count: int, radius: float, ink: float) -> None:
    """Draw straight strokes from point to point (y, x)."""
    for k in range(count - 1):
        stroke(canvas, points[k, 0], points[k, 1], points[k + 1, 0], points[k + 1, 1], radius, ink)


@kernel
def weigh(image: Any) -> tuple[float, float, float, float]:
    """The largest value, the sum, and the centre of mass (row, column)."""
    h, w = image.shape
    top, total, ys, xs = 0.0, 0.0, 0.0, 0.0
    for i in range(h):
        for j in range(w):
            value = image[i, j]
            top = max(top, value)
            total += value
            ys += value * i
            xs += value * j
    return top, total, ys / max(total, 1e-9), xs / max(total, 1e-9)


@kernel
def write(canvas: Any, points: Any, counts: Any, smooth: Any, u: Any) -> None:
    """Draw a glyph, narrow or wide, its points moved by up to a tenth of its size, with a random pen."""
    radius, wobble, wide = 0.6 + 1.6 * u[0], 1.0 + 2.0 * u[1], 0.75 + 0.4 * u[2]
    moved, at = np.empty((points.shape[1], 2)), 3
    for k in range(points.shape[0]):
        count = counts[k]
        for p in range(count):
            for axis in range(2):
                moved[p, axis] = points[k, p, axis] + wobble * (u[at] + u[at + 1] - 1)
                at = at + 1 if at + 2 < u.shape[0] else 3
            moved[p, 1] = 13.5 + wide * (moved[p, 1] - 13.5)
        if smooth[k]:
            curve(canvas, moved, count, radius, 1.0)
        else:
            polyline(canvas, moved, count, radius, 1.0)


@kernel
def extent(image: Any) -> tuple[int, int]:
    """The first and the last column with ink; without ink, all columns."""
    first, last = 0, image.shape[1] - 1
    while first < last and image[:, first].sum() < 0.5:
        first += 1
    while last > first and image[:, last].sum() < 0.5:
        last -= 1
    return first, last
