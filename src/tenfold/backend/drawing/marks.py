"""What else is on paper: ruled lines, dots, gaps in the ink; and what a camera makes of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import between, put_in, stroke

NOTHING, LINES, DOTS, GAPS, IMPULSES = range(5)


@kernel
def _ruled(
    canvas: Any, upright: bool, y0: float, x0: float, y1: float, x1: float, radius: float, ink: float
) -> None:
    """A straight stroke, or its mirror image along the diagonal."""
    if upright:
        stroke(canvas, x0, y0, x1, y1, radius, ink)
    else:
        stroke(canvas, y0, x0, y1, x1, radius, ink)


@kernel
def _line(canvas: Any, u: Any, ink: float) -> None:
    """A line across the image, level as a rule, at a drawn height, perhaps not all the way, or of dashes."""
    h, w = canvas.shape
    at, slope = 1 + u[1] * (h - 3), (u[2] - 0.5) * 0.3
    begin, end = (-2.0 if u[3] < 0.7 else u[4] * w), (w + 2.0 if u[3] < 0.5 else (0.3 + 0.7 * u[5]) * w)
    y0, y1 = at + slope * (begin - w / 2), at + slope * (end - w / 2)
    pieces = 1 if u[8] < 0.7 else 7 + 2 * int(5 * u[9])
    for piece in range(0, pieces, 2):
        a, b = piece / pieces, (piece + 1) / pieces
        _ruled(
            canvas, u[0] < 0.25, y0 + a * (y1 - y0), begin + a * (end - begin), y0 + b * (y1 - y0),
            begin + b * (end - begin), 0.1 + 0.5 * u[6], ink,
        )  # fmt: skip


@kernel
def _zigzag(canvas: Any, u: Any) -> None:
    """A bent line across the image, to and fro: a scratch, or a hasty stroke through it."""
    h, w = canvas.shape
    pieces, radius, ink = 2 + int(4 * u[8]), 0.2 + 0.8 * u[6], 0.5 + 0.5 * u[9]
    begin, end, swing = (0.1 + 0.8 * u[1]) * h, (0.1 + 0.8 * u[2]) * h, h * (1 if u[7] < 0.85 else -1)
    y0 = begin
    for piece in range(1, pieces + 1):
        y1 = begin + (end - begin) * piece / pieces + swing * (0.04 + 0.14 * u[2 + piece % 4])
        _ruled(canvas, u[0] < 0.3, y0, (piece - 1) * w / pieces, y1, piece * w / pieces, radius, ink)
        y0, swing = y1, -swing


@kernel
def _dots(canvas: Any, u: Any) -> None:
    """A dot or two."""
    h, w = canvas.shape
    for one in range(1 + int(2 * u[7])):
        y, x = u[2 * one] * h, u[2 * one + 1] * w
        stroke(canvas, y, x, y, x, 0.2 + 0.9 * u[4 + one], 0.3 + 0.7 * u[6])


@kernel
def _spatter(canvas: Any, u: Any, field: Any) -> None:
    """Three to ten drops, large and small."""
    h, w = canvas.shape
    for one in range(3 + int(8 * u[8])):
        y, x = field[3 * one] * h, field[3 * one + 1] * w
        stroke(canvas, y, x, y, x, 0.3 + 1.5 * field[3 * one + 2] ** 2, 0.4 + 0.6 * u[6])


@kernel
def _impulses(canvas: Any, share: float, field: Any) -> None:
    """A share of the pixels black or white."""
    h, w = canvas.shape
    for i in range(h):
        for j in range(w):
            value = field[i * w + j]
            if value < share:
                canvas[i, j] = value < share / 2


@entry
def mark(
    first: int, last: int, images: Any, kinds: Any, draws: Any, field: Any, offsets: Any, new: Any
) -> None:
    """Images (n, h, w) with, by their kind, nothing, a line, dots, a gap, or impulses.

    For each 10 numbers 0 to 1, and as many as it has pixels from its offset in the field on.
    """
    _, h, w = images.shape
    cut = np.empty((h, w), np.float32)
    for k in range(first, last):
        u, more = draws[k], field[offsets[k] :]
        new[k] = images[k]
        if kinds[k] == LINES and u[7] < 0.55:
            _line(new[k], u, 0.25 + u[7])
        elif kinds[k] == LINES:
            _zigzag(new[k], u)
        elif kinds[k] == DOTS and u[9] < 0.6:
            _dots(new[k], u)
        elif kinds[k] == DOTS:
            _spatter(new[k], u, more)
        elif kinds[k] == GAPS:
            cut[:] = 0
            _line(cut, u, 0.5 + 0.5 * u[7])
            for i in range(h):
                for j in range(w):
                    new[k, i, j] *= 1 - cut[i, j]
        elif kinds[k] == IMPULSES:
            _impulses(new[k], 0.03 + 0.09 * u[0], more)


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


@kernel
def _swept(bordered: Any, length: float, direction: float, new: Any) -> None:
    """The mean along a line about each pixel: the blur of a camera that moves."""
    h, w = new.shape
    dy, dx = length / 6 * math.sin(direction), length / 6 * math.cos(direction)
    for i in range(h):
        for j in range(w):
            total = 0.0
            for step in range(-3, 4):
                total += between(bordered, i + step * dy, j + step * dx)
            new[i, j] = np.float32(total / 7)


@kernel
def _displaced(bordered: Any, noise: Any, new: Any) -> None:
    """Each pixel from a place of its own, a pixel away at most, as through rough glass."""
    h, w = new.shape
    for i in range(h):
        for j in range(w):
            down, right = noise[2 * (i * w + j)], noise[2 * (i * w + j) + 1]
            new[i, j] = between(bordered, i + min(max(down, -1.0), 1.0), j + min(max(right, -1.0), 1.0))


@entry
def photograph(
    first: int, last: int, images: Any, altered: Any, amounts: Any, noise: Any, offsets: Any, new: Any
) -> None:
    """Images (n, h, w), where altered blurred, at another contrast, with noise.

    For each (blur, gain, gamma, noise, shade, direction, length, its direction, glass): how many binomial
    3 x 3 blurs, a factor and a power of the ink, the deviation of the noise, light that falls off in a
    direction, how far the camera moves, and whether pixels are displaced (1 or 0). The noise from an
    image's offset on is for its three times as many numbers as pixels.
    """
    _, h, w = images.shape
    across, bordered = np.empty((h, w), np.float32), np.zeros((h + 3, w + 3), np.float32)
    for k in range(first, last):
        new[k] = images[k]
        if not altered[k]:
            continue
        blur, gain, gamma, deviation, shade, direction, length, way, glass = amounts[k]
        at = offsets[k]
        if glass > 0:
            put_in(new[k], bordered)
            _displaced(bordered, noise[at + h * w :], new[k])
        if length > 0:
            put_in(new[k], bordered)
            _swept(bordered, length, way, new[k])
        while blur > 0:
            _blur(new[k], min(blur, 1.0), across, new[k])
            blur -= 1
        cos, sin = math.cos(direction), math.sin(direction)
        for i in range(h):
            for j in range(w):
                value = min(max(new[k, i, j] * gain, 0.0), 1.0) ** gamma
                value *= 1 - shade * (0.5 + ((i - h / 2) * cos + (j - w / 2) * sin) / (h + w))
                value += deviation * noise[at + i * w + j] * (0.3 + 0.7 * value)
                new[k, i, j] = np.float32(min(max(value, 0.0), 1.0))
