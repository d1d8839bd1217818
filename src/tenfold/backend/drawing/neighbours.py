"""What lies next to a digit in its box: scraps of its neighbours, full stops, commas, pieces of rules."""

from __future__ import annotations

from typing import Any

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import extent, stroke

NOTHING, SCRAP, STOP, RULE = range(4)


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


@entry
def put_beside(
    first: int, last: int, images: Any, kinds: Any, sides: Any, slender: Any, others: Any, draws: Any,
    new: Any,
) -> None:  # fmt: skip
    """Images (n, h, w) with, by their kind, nothing, a scrap of another image at a side, a stop, a rule."""
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
