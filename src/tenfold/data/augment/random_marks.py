"""Faults of paper and camera: lines, dots, gaps, impulse noise; blur, contrast, noise and shade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, as_planes, check_number, run_kernel
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.habits import constructor

_FIELD = 1 << 16  # random numbers that the images of a call share; each image starts at its own offset


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomMarks(ImageAugmenter):
    """Draws lines or dots on some images, erases a line of ink, or makes single pixels black or white.

    A line is straight, dashed or wavy; dots come alone, in pairs, or as up to ten spots.

    Parameters
    ----------
    lines, dots, gaps, impulses : float
        Probability of each, 0 to 1; together at most 1. Impulses change 3 to 12 % of the pixels.

    Raises
    ------
    ConfigError
        If an option is out of range.
    """

    kind: ClassVar[str] = "random_marks"

    lines: float = 0.0
    dots: float = 0.0
    gaps: float = 0.0
    impulses: float = 0.0

    def __post_init__(self) -> None:
        left = 1.0
        for name in ("lines", "dots", "gaps", "impulses"):
            object.__setattr__(self, name, check_number(self.kind, name, getattr(self, name), left))
            left = round(left - getattr(self, name), 9)  # 1 - 0.4 - 0.2 - 0.15 rounds to less than 0.25

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing import marks  # here, because importing Numba is slow

        planes, u = as_planes(self.kind, images), rng.random((len(images), 11))
        field = rng.random(_FIELD, np.float32)
        offsets = rng.integers(0, _FIELD - planes[:1].size + 1, len(planes))
        limits = np.cumsum([self.lines, self.dots, self.gaps, self.impulses])
        kinds = np.array([marks.LINES, marks.DOTS, marks.GAPS, marks.IMPULSES, marks.NOTHING])[
            np.searchsorted(limits, u[:, 0], side="right")
        ]
        draws = np.ascontiguousarray(u[:, 1:])
        return run_kernel(marks.mark, planes, threads, kinds, draws, field, offsets)


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomPhoto(ImageAugmenter):
    """Blurs some images, changes their contrast, and adds noise and shade, as in photos.

    For an altered image, each amount is drawn uniformly up to the one given.

    Parameters
    ----------
    blur : float
        Number of successive binomial 3 x 3 blurs; a fraction blurs partly.
    contrast : float
        1 makes ink up to twice as dark and applies a gamma of 1/2 to 2.
    noise : float
        Standard deviation, as a fraction of full ink.
    shade : float
        0.5 removes up to half of the ink towards one side.
    sweep : float
        Probability that an altered image has motion blur instead, of 2.5 to 5 pixels in any direction;
        0 to 1.
    glass : float
        Probability that each pixel of an altered image is displaced by up to one pixel, 0 to 1.
    chance : float
        Probability that an image is altered, 0 to 1.

    Raises
    ------
    ConfigError
        If an option is out of range.
    """

    kind: ClassVar[str] = "random_photo"

    blur: float = 0.0
    contrast: float = 0.0
    noise: float = 0.0
    shade: float = 0.0
    sweep: float = 0.0
    glass: float = 0.0
    chance: float = 1.0

    def __post_init__(self) -> None:
        self.check_numbers(blur=5, contrast=1, noise=1, shade=1, sweep=1, glass=1, chance=1)

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.marks import photograph  # here, because importing Numba is slow

        planes, u = as_planes(self.kind, images), rng.random((len(images), 10))
        field = rng.standard_normal(_FIELD, np.float32)
        offsets = rng.integers(0, _FIELD - 3 * planes[:1].size + 1, len(planes))
        swept = u[:, 7] < self.sweep
        amounts = np.stack(
            [
                np.where(swept, 0.0, self.blur * u[:, 1]),
                1 + self.contrast * u[:, 2],
                2.0 ** (self.contrast * (2 * u[:, 3] - 1)),
                self.noise * u[:, 4],
                self.shade * u[:, 5],
                2 * np.pi * u[:, 6],
                np.where(swept, 2.5 + 2.5 * u[:, 1], 0.0),
                2 * np.pi * u[:, 8],
                u[:, 9] < self.glass,
            ],
            axis=1,
        )  # (n, 9)
        altered = u[:, 0] < self.chance
        return run_kernel(photograph, planes, threads, altered, amounts, field, offsets)
