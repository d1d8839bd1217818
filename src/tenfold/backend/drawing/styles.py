"""Ways of writing a digit that are rare in one country and usual in another, added to images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import curve, stroke


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
def _slash(new: Any, u: Any) -> None:
    """A stroke through a 0, to its oval or a little beyond; none if there is no room in it."""
    first, last = _ends(new)
    row = (first + last) // 2
    left, right = -1, -1
    for j in range(new.shape[1]):
        if new[row, j] > 0.5:
            right = j
            if left < 0:
                left = j
    ink, _ = _inked_row(new, row)
    room = right - left + 1 - ink
    if room < 5:
        return
    y, x, reach = (first + last) / 2, (left + right) / 2, 0.25 + 0.3 * u[0]
    down, across = reach * (last - first), reach * (right - left) * (0.7 + 0.5 * u[1])
    radius = max(min(ink / 4 - 0.3, room / 3 - 1.2, 1.6), 0.4) * (0.7 + 0.4 * u[2])
    stroke(new, y + down, x - across, y - down, x + across, radius, 1.0)


@kernel
def _cup(new: Any, u: Any) -> None:
    """A new 4 of two strokes: a cup, and a stem at its right that goes on below it."""
    new[:] = 0
    radius = 0.7 + 1.2 * u[0]
    top, bottom, side = 4 + 3 * u[1], 12.5 + 4 * u[2], 18 + 2 * u[3]
    places = np.empty((5, 2))
    places[0] = 4 + 3 * u[4], 6 + 3 * u[5]
    places[1] = bottom - 4, 5 + 2 * u[6]
    places[2] = bottom, 9 + 3 * u[7]
    places[3] = bottom - 1 + u[8], 13 + 2 * u[9]
    places[4] = bottom - 3 + 2 * u[10], side
    curve(new, places, 5, radius, 1.0)
    stroke(new, top, side + 1.5 * u[11], 23, side - 2 + 3 * u[12], radius, 1.0)


@kernel
def _upstroke_and_base(new: Any, u: Any) -> None:
    """An upstroke that leads to the top of a 1, short or long, or a base below it, or both."""
    first, last = _ends(new)
    ink, x = _inked_row(new, min(first + 1, last))
    radius = min(max(ink / 2 - 0.3, 0.4), 1.8) * (0.8 + 0.3 * u[3])
    _, foot = _inked_row(new, max(last - 1, 0))
    if u[0] < 0.8:
        lean = max(math.atan2(x - foot, last - first), 0.0)
        share = 0.25 + (0.75 if u[0] < 0.5 and lean < 0.4 else 0.4) * u[1]  # the longer, the steeper
        angle = math.pi * (0.14 + 0.15 * u[2]) * (1.25 - 0.6 * share)
        angle = min(angle + lean * share, 0.3 * math.pi)
        long = share * (last - first) / max(math.cos(angle), 0.7)
        down, left = long * math.cos(angle), long * math.sin(angle)
        stroke(new, first + 1, x, first + 1 + down, x - left, radius, 1.0)
    if u[0] > 0.5:
        half = 3 + 3.5 * u[4]
        shift = half * 0.5 * (u[5] - 0.5)
        stroke(new, last - 1, foot - half + shift, last - 1, foot + half + shift, radius, 1.0)


@entry
def restyle(first: int, last: int, images: Any, labels: Any, altered: Any, draws: Any, new: Any) -> None:
    """Images (n, h, w), where altered with a 7 crossed, a 0 slashed, and 1s and 4s written otherwise."""
    for k in range(first, last):
        new[k] = images[k]
        top, bottom = _ends(new[k])
        if altered[k] and bottom - top > 6:
            if labels[k] == 0:
                _slash(new[k], draws[k])
            elif labels[k] == 4 and draws[k, 13] < 0.4:
                _cup(new[k], draws[k])
            elif labels[k] == 7:
                _cross(new[k], draws[k])
            elif labels[k] == 1:
                _upstroke_and_base(new[k], draws[k])
