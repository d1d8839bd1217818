"""Ways of writing a digit that are rare in one country and usual in another, added to images."""

from __future__ import annotations

import math
from typing import Any

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import stroke


@kernel
def _inked_row(image: Any, row: int) -> tuple[float, float]:
    """How much ink there is in a row, and its middle column."""
    total, at = 0.0, 0.0
    for j in range(image.shape[1]):
        total += image[row, j]
        at += image[row, j] * j
    return total, at / max(total, 1e-9)


@kernel
def _ends(image: Any) -> tuple[int, int]:
    """The first and the last row with ink."""
    first, last = -1, -1
    for i in range(image.shape[0]):
        if _inked_row(image, i)[0] > 0.5:
            last = i
            if first < 0:
                first = i
    return first, last


@kernel
def _cross(new: Any, u: Any) -> None:
    """A bar through the stem of a 7."""
    first, last = _ends(new)
    row = int(first + (0.5 + 0.18 * u[0]) * (last - first))
    ink, x = _inked_row(new, row)
    half, slope = 2.5 + 2.5 * u[1], 0.5 * (u[2] - 0.6)
    radius = min(max(ink / 2 - 0.3, 0.4), 1.6) * (0.7 + 0.4 * u[3])
    stroke(new, row + slope * half, x - half, row - slope * half, x + half, radius, 1.0)


@kernel
def _upstroke_and_base(new: Any, u: Any) -> None:
    """An upstroke that leads to the top of a 1, short or long, or a base below it, or both."""
    first, last = _ends(new)
    ink, x = _inked_row(new, min(first + 1, last))
    radius = min(max(ink / 2 - 0.3, 0.4), 1.8) * (0.8 + 0.3 * u[3])
    if u[0] < 0.8:
        long, angle = (0.2 + 0.5 * u[1]) * (last - first), math.pi * (0.14 + 0.15 * u[2])
        down, left = long * math.cos(angle), long * math.sin(angle)
        stroke(new, first + 1, x, first + 1 + down, x - left, radius, 1.0)
    if u[0] > 0.5:
        _, foot = _inked_row(new, last - 1)
        half = 3 + 3.5 * u[4]
        shift = half * 0.5 * (u[5] - 0.5)
        stroke(new, last - 1, foot - half + shift, last - 1, foot + half + shift, radius, 1.0)


@entry
def restyle(first: int, last: int, images: Any, labels: Any, altered: Any, draws: Any, new: Any) -> None:
    """Images (n, h, w), where altered with a 7 crossed or a 1 with an upstroke or a base."""
    for k in range(first, last):
        new[k] = images[k]
        top, bottom = _ends(new[k])
        if altered[k] and bottom - top > 6:
            if labels[k] == 7:
                _cross(new[k], draws[k])
            elif labels[k] == 1:
                _upstroke_and_base(new[k], draws[k])
