"""Where the strokes of each character go: one alone, lines, pages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from strokes import Path

Character = list[Path]  # strokes in heights, from (0, 0) on
Layout = tuple[list[Path], tuple[int, int]]  # strokes in pixels, and the picture's (h, w)


def alone(character: Character, height: float, rng: Generator) -> Layout:
    """Place one character anywhere on a sheet that is 1.4 to 3 times as large."""
    box = np.max([stroke.max(axis=0) for stroke in character], axis=0)  # width, height
    room = np.array([rng.uniform(0.5, 2.2), rng.uniform(0.4, 2.0)])
    place = 0.16 + rng.uniform(0.1, 0.9, 2) * np.maximum(room - 0.32, 0)
    size = np.ceil((box + room) * height).astype(int)
    return [(stroke + place) * height for stroke in character], (int(size[1]), int(size[0]))


def lines(rows: Sequence[Sequence[Character]], height: float, rng: Generator) -> Layout:
    """Place rows of characters, none touching another; each row rises or falls a little."""
    margin, gap = rng.uniform(0.4, 1.2, 2), rng.uniform(0.16, 0.45)
    slope, apart = rng.normal(0, 0.015), rng.uniform(1.55, 2.1)
    strokes: list[Path] = []
    for number, row in enumerate(rows):
        x = margin[0] + (rng.uniform(0, 0.8) if len(rows) > 1 else 0.0)
        for character in row:
            size, width = rng.uniform(0.9, 1.08), max(stroke[:, 0].max() for stroke in character)
            base = margin[1] + number * apart + 1 + slope * x + rng.normal(0, 0.02)
            bottom = max(stroke[:, 1].max() for stroke in character)
            strokes += [stroke * size + (x, base - size * bottom) for stroke in character]
            x += width * size + gap * rng.uniform(0.75, 1.3)
    lowest = np.min([stroke.min(axis=0) for stroke in strokes], axis=0)
    strokes = [stroke + np.maximum(margin - lowest, 0) * (0, 1) for stroke in strokes]
    size = np.max([stroke.max(axis=0) for stroke in strokes], axis=0) + rng.uniform(0.4, 1.2, 2)
    h, w = (int(np.ceil(length * height)) for length in size[::-1])
    return [stroke * height for stroke in strokes], (h, w)
