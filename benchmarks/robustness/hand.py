"""A person's hand: how one writer alters every letter, and how no two of them come out alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from strokes import Path, curve, evenly, parse


@dataclass(frozen=True)
class Hand:
    """A writer.

    Attributes
    ----------
    slant : float
        How far the top is right of the bottom, in heights.
    width : float
        Width over that of the model.
    bulge : tuple of float
        How much the upper and the left half are larger than the others.
    spread : float
        How far each point is off its place, in heights.
    wobble : float
        Slow trembling of the line, in heights.
    haste : float
        How much corners are cut, in heights.
    """

    slant: float
    width: float
    bulge: tuple[float, float]
    spread: float
    wobble: float
    haste: float

    def write(self, notation: str, rng: Generator) -> list[Path]:
        """Return the strokes of one character, in heights, its box from (0, 0) on."""
        strokes = [
            self._hasty(curve(points + rng.normal(0, self.spread, points.shape), corners))
            for points, corners in parse(notation)
        ]
        turn = np.deg2rad(rng.normal(0, 2.0))
        strokes = [self._shaped(stroke + self._trembling(len(stroke), rng), turn) for stroke in strokes]
        corner = np.min([stroke.min(axis=0) for stroke in strokes], axis=0)
        return [stroke - corner for stroke in strokes]

    def _hasty(self, path: Path) -> Path:
        """The path with its corners cut; the ends stay."""
        return evenly(gaussian_filter1d(path, self.haste * 100, axis=0, mode="nearest"))

    def _trembling(self, n: int, rng: Generator) -> NDArray[np.float64]:
        """Slow displacements (n, 2)."""
        sigma = 9.0
        noise = gaussian_filter1d(rng.standard_normal((n, 2)), sigma, axis=0, mode="nearest")
        return self.wobble * noise * np.sqrt(2 * np.sqrt(np.pi) * sigma)

    def _shaped(self, path: Path, turn: float) -> Path:
        x, y = path[:, 0] * self.width, path[:, 1]
        top, left = self.bulge
        y = y + top * y * (1 - y)
        x = x + left * x * (0.6 * self.width - x) + self.slant * (1 - y)
        return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=1)


def somebody(rng: Generator) -> Hand:
    """Return a writer, drawn at random."""
    return Hand(
        slant=float(rng.normal(0.06, 0.14)),
        width=float(rng.uniform(0.78, 1.3)),
        bulge=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.25))),
        spread=float(rng.uniform(0.010, 0.028)),
        wobble=float(rng.uniform(0.002, 0.010)),
        haste=float(rng.uniform(0.0, 0.035)),
    )
