"""What lies next to a digit in its box: scraps of its neighbours, full stops, commas, pieces of rules.

And the digit that is left when another one that touched it is cut off.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import extent, stroke

NOTHING, SCRAP, STOP, RULE, CUT = range(5)
INK = 0.4  # of full ink; digits touch where both have more
REACH = 3  # pixels; a cut leaves its straight line by no more
ASIDE = 0.15  # of a pixel of full ink; the cost of a step to the side
MOST_LOST = (
    0.2  # of the digit's ink; a cut that takes away more of it, or leaves as much of the other, is wrong
)


@kernel
def _facing(image: Any, side: int) -> Any:
    """A view of an image in which a side (right, left, below, above) is at the right."""
    if side == 0:
        return image[::1, ::1]
    if side == 1:
        return image[::1, ::-1]
    if side == 2:
        return image.T[::1, ::1]
    return image[::-1, ::1].T


@kernel
def _scrap(new: Any, image: Any, other: Any, slender: bool, u: Any) -> None:
    """A piece of another digit's edge at the right of an image, where there is room for it."""
    h, w = image.shape
    left, right = extent(image)
    start, _ = extent(other)
    wide, tall = 1 + int(4.5 * u[1]), 4 + int(9 * u[2])
    gap = int(5 * u[3]) - 1
    if slender:  # a 1 with much next to it may be another digit
        wide, tall, gap = min(wide, 3), min(tall, 8), gap + 3
    top, begin = 4 + int((20 - tall) * u[4]), right + 1 + gap
    shift = min(max(begin + wide - w, 0), left)
    for i in range(h):
        for j in range(w):
            value = image[i, j + shift] if j + shift < w else 0.0
            at = j + shift - begin
            if 0 <= at < wide and start + at < w and top <= i < top + tall:
                value = max(value, other[i, start + at])
            new[i, j] = value


@kernel
def _stop(new: Any, u: Any) -> None:
    """A full stop or a comma next to the foot of a digit, at its right or left."""
    left, right = extent(new)
    _, bottom = extent(new.T)
    away = 2 + 3 * u[1]
    y, x = bottom - 2 + 3.5 * u[2], (right + away if u[3] < 0.8 else left - away)
    radius = 0.6 + 1.2 * u[4]
    if u[5] < 0.65:
        stroke(new, y, x, y, x + 1.5 * u[6], radius, 1.0)
    else:
        stroke(new, y, x, y + 2 + 3 * u[6], x - 2 * u[7], 0.7 * radius, 1.0)


@kernel
def _rule(new: Any, slender: bool, u: Any) -> None:
    """A piece of a line under a digit or above it, perhaps with the corner of a box."""
    left, right = extent(new)
    top, bottom = extent(new.T)
    above = u[0] < 0.25 and not slender
    gap = 2 + 2 * u[1] if slender or above else 3.5 * u[1]
    y = top - gap if above else bottom + gap
    begin, end = left - 4 + 8 * u[2], right - 4 + 8 * u[3]
    tilt, radius, ink = 1.5 * (u[4] - 0.5), 0.3 + 0.7 * u[5], 0.4 + 0.6 * u[6]
    stroke(new, y, begin, y + tilt, end, radius, ink)
    if u[7] < 0.25 and end > right + 2:
        stroke(new, y + tilt, end, y + tilt + (1 if above else -1) * (2 + 6 * u[8]), end, radius, ink)


@kernel
def _touching(image: Any, other: Any, lower: int) -> tuple[int, int]:
    """The shift to the right that makes another digit, ``lower`` rows down, touch a digit, and where they do.

    A shift of the image's width says that no rows of them meet.
    """
    h, w = image.shape
    shift, where = -w, 0
    for i in range(h):
        if not 0 <= i - lower < h:
            continue
        end, start = -1, w
        for j in range(w):
            if image[i, j] > INK:
                end = j
            if other[i - lower, w - 1 - j] > INK:
                start = w - 1 - j
        if end >= 0 and start < w and end - start + 1 > shift:
            shift, where = end - start + 1, end
    return (shift, where) if shift > -w else (w, where)


@kernel
def _path(both: Any, where: float, slope: float, path: Any) -> None:
    """Write the path from top to bottom that crosses least ink, near a straight line, into ``path`` (h,)."""
    h, w = both.shape
    ways = 2 * REACH + 1
    cost, came = np.zeros((h, ways)), np.zeros((h, ways), np.int64)
    for i in range(h):
        line = round(where + slope * (h / 2 - i))
        above = round(where + slope * (h / 2 - i + 1))
        for k in range(ways):
            j = line - REACH + k
            ink = both[i, j] if 0 <= j < w else 0.0
            cost[i, k] = ink
            if i > 0:
                least = np.inf
                for step in range(-1, 2):  # to the column above, or next to it
                    m = j + step - above + REACH
                    if 0 <= m < ways and cost[i - 1, m] + ASIDE * abs(step) < least:
                        least, came[i, k] = cost[i - 1, m] + ASIDE * abs(step), m
                cost[i, k] += least
    k = int(np.argmin(cost[h - 1]))
    for i in range(h - 1, -1, -1):
        path[i] = round(where + slope * (h / 2 - i)) - REACH + k
        k = came[i, k]


@kernel
def _cut(new: Any, image: Any, other: Any, leaning: float, u: Any) -> None:
    """A digit that another one touched at its right, or overlapped by a stroke, until it was cut off.

    The cut is the path that crosses least ink, as in pictures. If it would be wrong, the digit stays whole.
    """
    h, w = image.shape
    lower = int(7 * u[1]) - 3
    shift, where = _touching(image, other, lower)
    if shift == w:
        return
    deep = int(4 * u[2])
    both, path = np.zeros((h, w), np.float32), np.zeros(h, np.int64)
    for i in range(h):
        for j in range(w):
            y, x = i - lower, j - shift + deep
            value = other[y, x] if 0 <= y < h and 0 <= x < w else np.float32(0)
            both[i, j] = max(image[i, j], value)
    _path(both, where - 0.5 * deep + 1 + 4 * (u[3] - 0.5), leaning, path)
    whole, lost, foreign = 0.0, 0.0, 0.0
    for i in range(h):
        for j in range(w):
            whole += image[i, j]
            if j >= path[i]:
                lost += image[i, j]
            else:
                foreign += both[i, j] - image[i, j]
    if max(lost, foreign) <= MOST_LOST * whole:
        for i in range(h):
            for j in range(w):
                new[i, j] = both[i, j] if j < path[i] else np.float32(0)


@entry
def put_beside(
    first: int, last: int, images: Any, kinds: Any, sides: Any, slender: Any, others: Any, draws: Any,
    new: Any,
) -> None:  # fmt: skip
    """Images (n, h, w) with, by their kind, nothing, a scrap of another image at a side, a stop, a rule.

    Or with another image cut off.
    """
    for k in range(first, last):
        new[k] = images[k]
        if kinds[k] == SCRAP:
            side = sides[k]
            a, b, c = _facing(new[k], side), _facing(images[k], side), _facing(images[others[k]], side)
            _scrap(a, b, c, slender[k], draws[k])
        elif kinds[k] == STOP:
            _stop(new[k], draws[k])
        elif kinds[k] == RULE:
            _rule(new[k], slender[k], draws[k])
        elif kinds[k] == CUT:
            side = sides[k] % 2  # right or left
            leaning = (0.75 * draws[k, 0] - 0.15) * (1 - 2 * side)
            a, b, c = _facing(new[k], side), _facing(images[k], side), _facing(images[others[k]], side)
            _cut(a, b, c, leaning, draws[k])
