"""Images that show no digit, made from those that do, and from strokes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.drawing.ink import between, curve, extent, polyline, put_in, stroke, write

SIGN, SCRIBBLE, SEVERAL, TURNED, JOINED, SHUFFLED, BLOTS, PAIR, WORD = range(9)


@kernel
def _sign(new: Any, points: Any, counts: Any, smooth: Any, u: Any) -> None:
    sign = int(u[0] * points.shape[0])
    write(new, points[sign], counts[sign], smooth[sign], u[1:])


@kernel
def _word(new: Any, room: Any, points: Any, counts: Any, smooth: Any, u: Any) -> None:
    """Two signs side by side, as letters of a word."""
    for one in range(2):
        room[one] = 0
        sign = int(u[one] * points.shape[0])
        write(room[one, 1:-2, 1:-2], points[sign], counts[sign], smooth[sign], u[2 + 20 * one :])
    a, b = extent(room[0, 1:-2, 1:-2]), extent(room[1, 1:-2, 1:-2])
    long = float(a[1] - a[0] + b[1] - b[0]) + 2 * u[-1]
    _side_by_side(new, room, a, b, 3 * u[-1] - 1, 0.0, long, 0.0)


@kernel
def _side_by_side(
    new: Any, room: Any, a: Any, b: Any, gap: float, begin: float, end: float, lower: float
) -> None:
    """What lies from begin to end of two images in borders, side by side with a gap, at a size that fits.

    Each image counts from its first to its last column (a, b); the second one is a little lower.
    """
    h, w = new.shape
    size = max((end - begin + 1) / 20, 1.0)
    width = a[1] - a[0] + 1
    for j in range(w):
        x = (begin + end) / 2 + (j - 13.5) * size
        if begin - 0.5 <= x <= end + 0.5:
            for i in range(h):
                y = 13.5 + (i - 13.5) * size
                left = between(room[0], y, a[0] + x) if x < width else 0.0
                right = between(room[1], y - lower, b[0] + x - width - gap) if x > width + gap - 1 else 0.0
                new[i, j] = np.float32(max(left, right))


@kernel
def _pair(new: Any, room: Any, a: Any, b: Any, u: Any) -> None:
    """Two digits that touch or nearly do, or what a wrong cut leaves: halves of both, one and a half."""
    width, other = a[1] - a[0] + 1, b[1] - b[0] + 1
    gap = 6 * u[1] - 3.5
    begin, end = 0.0, width + gap + other - 1
    if u[0] > 0.5:
        end = width + gap + (0.35 + 0.35 * u[2]) * other
    if u[0] > 0.65:
        begin = (0.3 + 0.35 * u[3]) * width
    if u[0] > 0.85:
        end = width + gap + other - 1
    _side_by_side(new, room, a, b, gap, begin, end, 6 * u[4] - 3)


@kernel
def _scribble(new: Any, u: Any) -> None:
    """One or two lines through places at random: five to ten places in all, or straight strokes."""
    count, radius = 5 + int(6 * u[0]), 0.6 + 1.4 * u[1]
    places = np.empty((count, 2))
    for p in range(count):
        places[p, 0], places[p, 1] = 4 + 19 * u[4 + 2 * p], 4 + 19 * u[5 + 2 * p]
    if u[2] < 0.5:
        curve(new, places, count, radius, 1.0)
    elif u[2] < 0.75:
        curve(new, places, count // 2, radius, 1.0)
        curve(new, places[count // 2 :], count - count // 2, radius, 1.0)
    else:
        for p in range(1, count // 2):
            polyline(new, places[2 * p : 2 * p + 2], 2, radius, 1.0)


@kernel
def _several(new: Any, digits: Any, u: Any) -> None:
    """Two or three digits, each in a border, side by side, or two one above the other, drawn small."""
    count = 2 if u[0] < 0.7 else 3
    upright = count == 2 and u[1] < 0.2
    h, w = new.shape
    narrow = (1.15 + 0.4 * u[2]) if count == 2 else (1.7 + 0.5 * u[2])
    wide = narrow if u[3] < 0.5 else 1 + 0.5 * u[4]  # of the side along which they stand
    apart = (13 + 3 * u[5]) / wide * (1.0 if count == 2 else 0.95)
    for i in range(h):
        for j in range(w):
            largest = 0.0
            for one in range(count):
                image = digits[one]
                off = (one - (count - 1) / 2) * apart
                y, x = i - 13.5 + 4 * (u[6 + one] - 0.5), j - 13.5 - off
                if upright:
                    y, x = i - 13.5 - off, j - 13.5 + 4 * (u[6 + one] - 0.5)
                    largest = max(largest, between(image, 13.5 + y * wide, 13.5 + x * narrow))
                else:
                    largest = max(largest, between(image, 13.5 + y * narrow, 13.5 + x * wide))
            new[i, j] = np.float32(largest)


@kernel
def _turned(new: Any, image: Any, digit: int, u: Any) -> None:
    """A digit mirrored or turned, where that is not another digit, or the same."""
    h, w = image.shape
    mirrored = u[0] < 0.4 and (digit == 3 or digit == 4 or digit == 6 or digit == 7 or digit == 9)
    half = u[0] > 0.7 and (digit == 3 or digit == 4 or digit == 7)
    for i in range(h):
        for j in range(w):
            if mirrored:
                new[i, j] = image[i, w - 1 - j]
            elif half:
                new[i, j] = image[h - 1 - i, w - 1 - j]
            elif u[1] < 0.5:
                new[i, j] = image[j, w - 1 - i]
            else:
                new[i, j] = image[h - 1 - j, i]


@kernel
def _joined(new: Any, image: Any, other: Any, u: Any) -> None:
    """Half of one digit and half of another, that do not meet as they should."""
    h, w = image.shape
    shift = (4 + int(4 * u[1])) * (1 if u[2] < 0.5 else -1)
    for i in range(h):
        for j in range(w):
            if u[0] < 0.5:
                moved = i + shift
                value = image[i, j] if j < w // 2 else (other[moved, j] if 0 <= moved < h else 0.0)
            else:
                moved = j + shift
                value = image[i, j] if i < h // 2 else (other[i, moved] if 0 <= moved < w else 0.0)
            new[i, j] = value


@kernel
def _shuffled(new: Any, image: Any, u: Any) -> None:
    """The four quarters of a digit's box, each at the place of the one across, or turned in place."""
    h, w = image.shape
    for i in range(h):
        for j in range(w):
            y, x = i - 4, j - 4
            if not (0 <= y < 20 and 0 <= x < 20):
                new[i, j] = 0
            elif u[0] < 0.5:
                new[i, j] = image[4 + (y + 10) % 20, 4 + (x + 10) % 20]
            else:
                top, left, a, b = y // 10 * 10, x // 10 * 10, y % 10, x % 10
                new[i, j] = image[4 + top + b, 4 + left + 9 - a]


@kernel
def _blots(new: Any, u: Any) -> None:
    """Blots, bars, stripes or specks."""
    h, w = new.shape
    if u[0] < 0.3:  # a blot or a few
        for one in range(1 + int(4 * u[1])):
            y, x = 6 + 15 * u[4 + 3 * one], 6 + 15 * u[5 + 3 * one]
            stroke(new, y, x, y + 8 * (u[2] - 0.5), x + 8 * (u[3] - 0.5), 1.5 + 5 * u[6 + 3 * one], 1.0)
    elif u[0] < 0.5:  # specks
        for one in range(4 + int(22 * u[1])):
            y, x = 4 + 20 * u[4 + 2 * one], 4 + 20 * u[5 + 2 * one]
            stroke(new, y, x, y, x, 0.2 + 1.2 * u[2], 0.4 + 0.6 * u[3])
    elif u[0] < 0.75:  # stripes
        count, angle = 2 + int(4 * u[1]), math.pi * u[2]
        cos, sin = math.cos(angle), math.sin(angle)
        for one in range(count):
            off = (one - (count - 1) / 2) * (3.5 + 4 * u[3])
            y, x = 13.5 + off * cos, 13.5 + off * sin
            long = 5 + 7 * u[5 + one]
            stroke(new, y - long * sin, x + long * cos, y + long * sin, x - long * cos, 0.5 + u[4], 1.0)
    else:  # grain, coarse or fine
        size = 1 + int(4 * u[1])
        for i in range(4, h - 4):
            for j in range(4, w - 4):
                at = 4 + (i // size * 31 + j // size * 17) % (u.shape[0] - 4)
                value = u[at] * u[(at * 7 + i // size) % u.shape[0]]
                new[i, j] = np.float32(value if u[2] < 0.5 else (1.0 if value > 0.25 else 0.0))


@entry
def make_negatives(
    first: int, last: int, images: Any, labels: Any, kinds: Any, others: Any, draws: Any, points: Any,
    counts: Any, smooth: Any, new: Any,
) -> None:  # fmt: skip
    """Images (n, h, w), those of a kind (0 and more; -1 keeps a digit) replaced by what is none."""
    _, h, w = images.shape
    room = np.zeros((3, h + 3, w + 3), np.float32)
    for k in range(first, last):
        image, u, kind = images[k], draws[k], kinds[k]
        b, c = images[others[k, 0]], images[others[k, 1]]
        if kind < 0:
            new[k] = image
            continue
        new[k] = 0
        if kind == SIGN:
            _sign(new[k], points, counts, smooth, u)
        elif kind == SCRIBBLE:
            _scribble(new[k], u)
        elif kind == WORD:
            _word(new[k], room, points, counts, smooth, u)
        elif kind == PAIR:
            put_in(image, room[0])
            put_in(b, room[1])
            _pair(new[k], room, extent(image), extent(b), u)
        elif kind == SEVERAL:
            put_in(image, room[0])
            put_in(b, room[1])
            put_in(c, room[2])
            _several(new[k], room, u)
        elif kind == TURNED:
            _turned(new[k], image, labels[k], u)
        elif kind == JOINED:
            _joined(new[k], image, b, u)
        elif kind == SHUFFLED:
            _shuffled(new[k], image, u)
        else:
            _blots(new[k], u)
