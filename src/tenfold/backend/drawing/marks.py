"""What else is on paper: ruled lines, dots, gaps in the ink; and what a camera makes of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import stroke


@kernel
def _line(canvas: Any, u: Any, ink: float) -> None:
    """A line across the image, level as a rule, at a drawn height, perhaps not all the way."""
    h, w = canvas.shape
    upright = u[0] < 0.25
    at, slope = 1 + u[1] * (h - 3), (u[2] - 0.5) * 0.3
    begin, end = (-2.0 if u[3] < 0.7 else u[4] * w), (w + 2.0 if u[3] < 0.5 else (0.3 + 0.7 * u[5]) * w)
    y0, y1 = at + slope * (begin - w / 2), at + slope * (end - w / 2)
    if upright:
        stroke(canvas, begin, y0, end, y1, 0.1 + 0.5 * u[6], ink)
    else:
        stroke(canvas, y0, begin, y1, end, 0.1 + 0.5 * u[6], ink)


@kernel
def _zigzag(canvas: Any, u: Any) -> None:
    """A broken line across the image: a scratch, or a hasty stroke through it."""
    w, pieces = canvas.shape[1], 4
    y0 = u[1] * w
    for piece in range(pieces):
        y1 = y0 + 10 * (u[2 + piece] - 0.5)
        stroke(
            canvas, y0, piece * w / pieces, y1, (piece + 1) * w / pieces, 0.1 + 0.4 * u[6], 0.4 + 0.6 * u[0]
        )
        y0 = y1


@entry
def mark(first: int, last: int, images: Any, kinds: Any, draws: Any, new: Any) -> None:
    """Images (n, h, w) with, by their kind, nothing, a line, dots, or a gap; 8 numbers 0 to 1 for each."""
    _, h, w = images.shape
    cut = np.empty((h, w), np.float32)
    for k in range(first, last):
        u = draws[k]
        new[k] = images[k]
        if kinds[k] == 1 and u[7] < 0.7:
            _line(new[k], u, 0.25 + u[7])
        elif kinds[k] == 1:
            _zigzag(new[k], u)
        elif kinds[k] == 2:
            for one in range(1 + int(2 * u[7])):
                y, x = u[2 * one] * h, u[2 * one + 1] * w
                stroke(new[k], y, x, y, x, 0.2 + 0.9 * u[4 + one], 0.3 + 0.7 * u[6])
        elif kinds[k] == 3:
            cut[:] = 0
            _line(cut, u, 0.5 + 0.5 * u[7])
            for i in range(h):
                for j in range(w):
                    new[k, i, j] *= 1 - cut[i, j]


@kernel
def _blur(image: Any, share: float, across: Any, new: Any) -> None:
    """Mix an image with its binomial 3 x 3 blur."""
    h, w = image.shape
    for i in range(h):
        for j in range(w):
            left, right = image[i, max(j - 1, 0)], image[i, min(j + 1, w - 1)]
            across[i, j] = (1 - share / 2) * image[i, j] + share / 4 * (left + right)
    for i in range(h):
        for j in range(w):
            above, below = across[max(i - 1, 0), j], across[min(i + 1, h - 1), j]
            new[i, j] = (1 - share / 2) * across[i, j] + share / 4 * (above + below)


@entry
def photograph(
    first: int, last: int, images: Any, altered: Any, amounts: Any, noise: Any, offsets: Any, new: Any
) -> None:
    """Images (n, h, w), where altered blurred, at another contrast, with noise.

    For each (blur, gain, gamma, noise, shade, direction): how many binomial 3 x 3 blurs, a factor and a
    power of the ink, the deviation of the noise, and light that falls off in a direction.
    """
    _, h, w = images.shape
    across = np.empty((h, w), np.float32)
    for k in range(first, last):
        new[k] = images[k]
        if not altered[k]:
            continue
        blur, gain, gamma, deviation, shade, direction = amounts[k]
        while blur > 0:
            _blur(new[k], min(blur, 1.0), across, new[k])
            blur -= 1
        cos, sin = math.cos(direction), math.sin(direction)
        at = offsets[k]
        for i in range(h):
            for j in range(w):
                value = min(max(new[k, i, j] * gain, 0.0), 1.0) ** gamma
                value *= 1 - shade * (0.5 + ((i - h / 2) * cos + (j - w / 2) * sin) / (h + w))
                value += deviation * noise[at + i * w + j] * (0.3 + 0.7 * value)
                new[k, i, j] = np.float32(min(max(value, 0.0), 1.0))
