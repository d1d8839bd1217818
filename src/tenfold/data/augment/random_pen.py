"""Random stroke widths: strokes are redrawn with another pen, or made a little thicker or thinner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, as_planes, run_kernel
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.errors import ConfigError
from tenfold.habits import constructor


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomPen(ImageAugmenter):
    """Gives each image's digit another stroke width.

    Some images are redrawn: a round pen follows the middle line of the ink. Others keep their ink, which
    becomes up to a pixel thicker or thinner on each side. Of others only the outlines remain. The rest keep
    every bit.

    Parameters
    ----------
    redrawn : float
        Probability that an image is redrawn, 0 to 1.
    spread : float
        Probability that its ink is made thicker or thinner instead.
    outlined : float
        Probability that only its outlines remain: soft ones, or lines of one pixel.
    crisp : float
        Probability that a redrawn image has two levels only, as a bitmap has, 0 to 1.
    thinnest, thickest : float
        Widths of the round pen, in pixels, drawn uniformly on a logarithmic scale. Along the image, the
        width changes by up to a quarter.

    Raises
    ------
    ConfigError
        If an option is out of range.
    """

    kind: ClassVar[str] = "random_pen"

    redrawn: float = 0.0
    spread: float = 0.0
    outlined: float = 0.0
    crisp: float = 0.0
    thinnest: float = 1.0
    thickest: float = 4.0

    def __post_init__(self) -> None:
        self.check_numbers(redrawn=1, spread=1, outlined=1, crisp=1, thinnest=10, thickest=10)
        chances = self.redrawn, self.spread, self.outlined
        if sum(chances) > 1:
            raise ConfigError(
                f"{self.kind}: expected probabilities that sum to at most 1, got {chances}; lower them"
            )
        if not 0.1 <= self.thinnest <= self.thickest:
            raise ConfigError(
                f"{self.kind}: expected widths from 0.1 on, the thinnest first, got {self.thinnest:g} and "
                f"{self.thickest:g}; correct them"
            )

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing import pen  # here, because importing Numba is slow

        planes, u = as_planes(self.kind, images), rng.random((len(images), 5))
        limits = np.cumsum([self.redrawn, self.spread / 2, self.spread / 2, self.outlined])
        methods = np.array([pen.REDRAW, pen.FATTEN, pen.THIN, pen.OUTLINE, pen.KEEP])[
            np.searchsorted(limits, u[:, 0], side="right")
        ]
        radius = self.thinnest / 2 * (self.thickest / self.thinnest) ** u[:, 1]
        size = np.where(methods == pen.REDRAW, radius, u[:, 1])
        draws = np.stack([size, 0.5 * u[:, 2] - 0.25, 2 * np.pi * u[:, 3], u[:, 4] < self.crisp], axis=1)
        return run_kernel(pen.change_pens, planes, threads, methods, draws)
