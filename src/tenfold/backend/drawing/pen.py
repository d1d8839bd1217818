"""The same digit by another pen: its centre line redrawn, or its strokes a little fatter or thinner.

References
----------
T. Zhang, C. Suen, "A Fast Parallel Algorithm for Thinning Digital Patterns" (1984).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import between, put_in, stroke

KEEP, REDRAW, FATTEN, THIN, OUTLINE = range(5)


@kernel
def _may_go(lit: Any, i: int, j: int, half: int) -> bool:
    """Whether a pixel lies on an edge, south and east (half 0) or north and west, and joins nothing."""
    north, east, south, west = lit[i - 1, j], lit[i, j + 1], lit[i + 1, j], lit[i, j - 1]
    north_east, south_east = lit[i - 1, j + 1], lit[i + 1, j + 1]
    south_west, north_west = lit[i + 1, j - 1], lit[i - 1, j - 1]
    neighbours = north + north_east + east + south_east + south + south_west + west + north_west
    if not 2 <= neighbours <= 6:
        return False
    edges = (  # around the pixel, from unlit to lit; all are 0 or 1
        (north < north_east) + (north_east < east) + (east < south_east) + (south_east < south)
        + (south < south_west) + (south_west < west) + (west < north_west) + (north_west < north)
    )  # fmt: skip
    if edges != 1:
        return False
    if half == 0:
        return north * east * south == 0 and east * south * west == 0
    return north * east * west == 0 and north * south * west == 0


@kernel
def _still_lit(lit: Any, places: Any, count: int) -> int:
    """Move those of the places that are lit to the front; return how many they are."""
    left = 0
    for k in range(count):
        if lit[places[k, 0], places[k, 1]]:
            places[left, 0], places[left, 1] = places[k, 0], places[k, 1]
            left += 1
    return left


@kernel
def thin(lit: Any) -> None:
    """Take pixels away from the edges of what is lit (h, w), until only lines of one pixel are left.

    The outermost rows and columns must be unlit.
    """
    h, w = lit.shape
    places, count = np.empty((h * w, 2), np.int64), 0
    for i in range(1, h - 1):
        for j in range(1, w - 1):
            if lit[i, j]:
                places[count, 0], places[count, 1] = i, j
                count += 1
    gone = np.empty(count, np.int64)
    changed = True
    while changed:
        changed = False
        for half in range(2):
            taken = 0
            for k in range(count):
                if _may_go(lit, places[k, 0], places[k, 1], half):
                    gone[taken] = k
                    taken += 1
            for one in range(taken):
                lit[places[gone[one], 0], places[gone[one], 1]] = 0
            if taken:
                changed, count = True, _still_lit(lit, places, count)


@kernel
def middle_line(image: Any, bordered: Any, lit: Any) -> None:
    """Light the middle line of an image's ink, at twice its resolution and with two pixels around it."""
    h, w = image.shape
    put_in(image, bordered)
    lit[:] = 0
    for i in range(2 * h):
        for j in range(2 * w):
            lit[i + 2, j + 2] = between(bordered, (i - 0.5) / 2, (j - 0.5) / 2) > 0.4
    thin(lit)


@kernel
def redraw(image: Any, bordered: Any, lit: Any, new: Any, radius: float, slope: float, angle: float) -> None:
    """Draw the middle line with a pen of a radius that grows by a slope in a direction."""
    middle_line(image, bordered, lit)
    new[:] = 0
    h, w = lit.shape
    cos, sin = math.cos(angle), math.sin(angle)
    for i in range(2, h - 2):
        for j in range(2, w - 2):
            if lit[i, j]:
                y, x = (i - 2.5) / 2, (j - 2.5) / 2
                along = ((y - 13.5) * cos + (x - 13.5) * sin) / 10
                stroke(new, y, x, y, x, max(radius * (1 + slope * along), 0.2), 1.0)


@kernel
def _harden(image: Any) -> None:
    """Leave two levels, ink and paper; the thinnest line stays in one piece."""
    h, w = image.shape
    for i in range(h):
        for j in range(w):
            image[i, j] = image[i, j] > 0.4


@kernel
def spread(image: Any, new: Any, sign: float, share: float) -> None:
    """Mix an image with the largest (sign 1) or smallest (sign -1) of each pixel and its four neighbours."""
    h, w = image.shape
    for i in range(h):
        for j in range(w):
            most = sign * image[i, j]
            if i > 0:
                most = max(most, sign * image[i - 1, j])
            if i + 1 < h:
                most = max(most, sign * image[i + 1, j])
            if j > 0:
                most = max(most, sign * image[i, j - 1])
            if j + 1 < w:
                most = max(most, sign * image[i, j + 1])
            new[i, j] = np.float32((1 - share) * image[i, j] + share * sign * most)


@kernel
def outline(image: Any, fat: Any, thin: Any, new: Any) -> None:
    """Keep only where ink begins and ends: the difference of the fatter and the thinner image."""
    spread(image, fat, 1.0, 1.0)
    spread(image, thin, -1.0, 1.0)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            new[i, j] = fat[i, j] - thin[i, j]


@kernel
def edges(image: Any, inside: bool, new: Any) -> None:
    """Keep only the pixels of the ink that touch paper, or those of the paper that touch ink."""
    h, w = image.shape
    for i in range(h):
        for j in range(w):
            lit = image[i, j] > 0.5
            alike = (i == 0 or (image[i - 1, j] > 0.5) == lit) and (
                i == h - 1 or (image[i + 1, j] > 0.5) == lit
            )
            alike &= (j == 0 or (image[i, j - 1] > 0.5) == lit) and (
                j == w - 1 or (image[i, j + 1] > 0.5) == lit
            )
            new[i, j] = lit == inside and not alike


@entry
def change_pens(first: int, last: int, images: Any, methods: Any, draws: Any, new: Any) -> None:
    """Images (n, h, w) by other pens; for each a method and (radius or share, slope, angle, crisp)."""
    _, h, w = images.shape
    lit, bordered = np.zeros((2 * h + 4, 2 * w + 4), np.int64), np.zeros((h + 3, w + 3), np.float32)
    fat, thinner = np.empty((h, w), np.float32), np.empty((h, w), np.float32)
    for k in range(first, last):
        if methods[k] == REDRAW:
            redraw(images[k], bordered, lit, new[k], draws[k, 0], draws[k, 1], draws[k, 2])
            if draws[k, 3] > 0:
                _harden(new[k])
        elif methods[k] == FATTEN:
            spread(images[k], new[k], 1.0, draws[k, 0])
        elif methods[k] == THIN:
            spread(images[k], new[k], -1.0, draws[k, 0])
        elif methods[k] == OUTLINE:
            if draws[k, 0] < 0.3:
                outline(images[k], fat, thinner, new[k])
            else:
                edges(images[k], draws[k, 0] < 0.65, new[k])
        else:
            new[k] = images[k]
