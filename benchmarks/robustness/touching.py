"""Kinds of pairs of digits that touch, or overlap by up to a stroke."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from case import Case
from kind import Kind
from numpy.random import Generator
from pens import Coverage
from scene import Scene, one
from scipy.ndimage import distance_transform_edt
from scribe import INK, Scribe, a_scribe, paste

from tenfold.data import Dataset

PICTURES = 200
SCENE = Scene(papers=("screen", "white"), files=("png",), height=(20, 110))
DIGITS = "0123456789"


@dataclass(frozen=True)
class Touching:
    """Digits in a row, of which two touch.

    Attributes
    ----------
    images : Dataset or None
        MNIST images; without them digits are written.
    overlap : (float, float)
        How far the second is moved into the first, in strokes.
    twins : bool
        Whether the two are the same digit.
    more : (int, int)
        Fewest and most further digits, which stand apart.
    """

    images: Dataset | None
    overlap: tuple[float, float] = (0.0, 0.3)
    twins: bool = False
    more: tuple[int, int] = (0, 0)

    def __call__(self, rng: Generator) -> Case:
        height, scribe = SCENE.a_height(rng), a_scribe(self.images, rng)
        first = one(DIGITS, rng)
        pair = first + (first if self.twins else one(DIGITS, rng))
        others = "".join(one(DIGITS, rng) for _ in range(rng.integers(*self.more, endpoint=True)))
        at = int(rng.integers(len(others) + 1))
        parts = [scribe.digit(digit, height, rng) for digit in others]
        parts.insert(at, self._pair(pair, scribe, height, rng))
        return Case(SCENE.taken(in_a_row(parts, height, rng), height, rng), others[:at] + pair + others[at:])

    def _pair(self, pair: str, scribe: Scribe, height: float, rng: Generator) -> Coverage:
        first, second = (scribe.digit(digit, height, rng) for digit in pair)
        deep = rng.uniform(*self.overlap) * min(stroke(first), stroke(second))
        return pushed_together(first, second, deep, round(rng.normal(0, 0.03) * height))


def stroke(glyph: Coverage) -> float:
    """Return how broad the strokes are: within a long band the mean distance to its edge is a quarter."""
    inside = distance_transform_edt(np.pad(glyph > 0.5, 1))
    return 4 * float(inside[inside > 0].mean() - 0.5) + 1


def pushed_together(first: Coverage, second: Coverage, deep: float, lower: int = 0) -> Coverage:
    """Return both, the second moved left until they touch and ``deep`` further, its feet ``lower``."""
    down = max(first.shape[0], second.shape[0])
    tall = down + abs(lower)
    canvases = [np.zeros((tall, glyph.shape[1])) for glyph in (first, second)]
    for canvas, glyph, extra in zip(canvases, (first, second), (max(-lower, 0), max(lower, 0)), strict=True):
        paste(canvas, glyph, down - glyph.shape[0] + extra, 0)
    left = round(touch(*canvases) - deep)
    page = np.zeros((tall, first.shape[1] + second.shape[1]))
    paste(page, canvases[0], 0, 0)
    paste(page, canvases[1], 0, max(left, 0))
    return page[:, (page > INK).any(axis=0)]


def touch(first: Coverage, second: Coverage) -> int:
    """Return the column where the second begins if its ink just meets that of the first."""
    ends = [_last(row) for row in first > 0.4]
    starts = [_last(row[::-1]) for row in second > 0.4]
    near = range(-1, 2)  # rows that meet at a corner touch, too
    meets = [
        ends[i] + starts[j] - second.shape[1] + 1
        for i in range(len(ends))
        for j in (i + k for k in near)
        if 0 <= j < len(starts) and ends[i] >= 0 and starts[j] >= 0
    ]
    return max(meets, default=first.shape[1] - 1) + 1


def _last(row: np.ndarray) -> int:
    found = np.flatnonzero(row)
    return int(found[-1]) if len(found) else -1


def in_a_row(parts: list[Coverage], height: float, rng: Generator) -> Coverage:
    """Return parts apart from each other, their feet on one line, with a margin around them."""
    edge, gap = height * rng.uniform(0.25, 1.0, 2), height * rng.uniform(0.2, 0.4)
    tall = max(part.shape[0] for part in parts)
    page = np.zeros((int(tall + 2 * edge[0]), int(sum(part.shape[1] + gap for part in parts) + 2 * edge[1])))
    x = edge[1]
    for part in parts:
        paste(page, part, edge[0] + tall - part.shape[0], x)
        x += part.shape[1] + gap
    return page


def touching(images: Dataset) -> list[Kind]:
    """Return the kinds."""
    return [
        Kind("touching", "MNIST digits that touch", Touching(images), PICTURES),
        Kind(
            "touching", "MNIST digits that overlap by up to a stroke", Touching(images, (0.3, 1.0)), PICTURES
        ),
        Kind("touching", "the same MNIST digit twice", Touching(images, (0.0, 1.0), twins=True), PICTURES),
        Kind("touching", "written digits that touch", Touching(None), PICTURES),
        Kind(
            "touching", "written digits that overlap by up to a stroke", Touching(None, (0.3, 1.0)), PICTURES
        ),
        Kind("touching", "a touching pair in a number", Touching(images, (0.0, 0.6), more=(1, 4)), PICTURES),
    ]
