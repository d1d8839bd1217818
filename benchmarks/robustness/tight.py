"""Kinds of digits cut to their box, as programs cut them: any size, little or no margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from case import Case
from kind import Kind
from numpy.random import Generator
from scene import one
from scribe import MNIST_HEIGHT, copied

from tenfold.data import Dataset

PICTURES = 500
SIZES = {"as it is": (1, 1), "2 times": (2, 2), "3 to 5 times": (3, 5), "6 to 10 times": (6, 10)}
MARGINS = {"no margin": (0, 0), "1 to 3 pixels": (1, 3), "4 to 30 pixels": (4, 30)}


@dataclass(frozen=True)
class Tight:
    """An MNIST digit cut to its ink.

    Attributes
    ----------
    images : Dataset
        MNIST images.
    times, margin : (int, int)
        Least and greatest enlargement, and margin in pixels.
    light : bool
        Light on dark.
    """

    images: Dataset
    times: tuple[int, int]
    margin: tuple[int, int]
    light: bool

    def __call__(self, rng: Generator) -> Case:
        digit, times = one("0123456789", rng), rng.integers(*self.times, endpoint=True)
        glyph = copied(self.images, digit, MNIST_HEIGHT * float(times), rng)
        grey = np.rint(255 * np.pad(glyph, int(rng.integers(*self.margin, endpoint=True)))).astype(np.uint8)
        return Case(grey if self.light else 255 - grey, digit)


def tight(images: Dataset) -> list[Kind]:
    """Return a kind for each size, margin and polarity."""
    return [
        Kind(
            "tight",
            f"{size}, {margin}, {'light on dark' if light else 'dark on light'}",
            Tight(images, times, pixels, light),
            PICTURES,
        )
        for size, times in SIZES.items()
        for margin, pixels in MARGINS.items()
        for light in (False, True)
    ]
