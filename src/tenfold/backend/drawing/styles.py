"""Ways of writing a digit that are rare in one country and usual in another, added to images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import curve, stroke, write


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
def _hook(new: Any, u: Any) -> None:
    """A hook at the foot of a 9, to the left and perhaps up again."""
    _, last = _ends(new)
    ink, x = _inked_row(new, last - 1)
    radius = min(max(ink / 2 - 0.3, 0.4), 1.6)
    places = np.empty((4, 2))
    places[0] = last - 1.0, x
    places[1] = last + 0.5 + u[0], x - 2.5
    places[2] = last + u[1], x - 5 - u[2]
    places[3] = last - 1 - 3 * u[3], x - 7 - 3 * u[4]
    curve(new, places, 4, radius, 1.0)


@kernel
def _faint_base(new: Any, u: Any) -> None:
    """The lowest part of a 2 with little ink, as a pen leaves it that is lifted."""
    first, last = _ends(new)
    for i in range(int(last - (0.1 + 0.15 * u[0]) * (last - first)), last + 1):
        for j in range(new.shape[1]):
            new[i, j] *= 0.25 + 0.4 * u[1]


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
        angle = min(angle + lean * share, 0.34 * math.pi)
        long = share * (last - first) / max(math.cos(angle), 0.7)
        down, left = long * math.cos(angle), long * math.sin(angle)
        stroke(new, first + 1, x, first + 1 + down, x - left, radius, 1.0)
    if u[0] > 0.5:
        half = 3 + 3.5 * u[4]
        shift = half * 0.5 * (u[5] - 0.5)
        stroke(new, last - 1, foot - half + shift, last - 1, foot + half + shift, radius, 1.0)


@entry
def restyle(
    first: int, last: int, images: Any, labels: Any, altered: Any, forms: Any, draws: Any, points: Any,
    counts: Any, smooth: Any, new: Any,
) -> None:  # fmt: skip
    """Images (n, h, w), where altered written again as a glyph (forms; -1 for none), or with an addition."""
    for k in range(first, last):
        new[k] = images[k]
        top, bottom = _ends(new[k])
        if not altered[k] or bottom - top <= 6:
            continue
        if forms[k] >= 0:
            new[k] = 0
            write(new[k], points[forms[k]], counts[forms[k]], smooth[forms[k]], draws[k])
        elif labels[k] == 0:
            _slash(new[k], draws[k])
        elif labels[k] == 1:
            _upstroke_and_base(new[k], draws[k])
        elif labels[k] == 2:
            _faint_base(new[k], draws[k])
        elif labels[k] == 7:
            _cross(new[k], draws[k])
        elif labels[k] == 9:
            _hook(new[k], draws[k])
