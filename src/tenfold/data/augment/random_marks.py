"""Paper and camera: ruled lines, dots, gaps and impulses; blur, contrast, noise and shade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, as_planes, check_number

_FIELD = 1 << 16  # numbers of noise that the images of a call share; each starts at a place of its own


@dataclass(frozen=True)
class RandomMarks(ImageAugmenter):
    """Draws lines or dots on some images, takes away a line of ink, or makes single pixels black or white.

    A line is straight, of dashes, or bent to and fro; a dot may be two, or a spatter of up to ten.

    Parameters
    ----------
    lines, dots, gaps, impulses : float
        How probable each is, 0 to 1; together at most 1. Impulses are 3 to 12 % of the pixels.

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
            left = round(left - getattr(self, name), 9)  # 1 - 0.4 - 0.2 - 0.15 is a little less than 0.25

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.cpu.threads import in_shares
        from tenfold.backend.drawing import marks  # here, for Numba takes its time

        planes, u = as_planes(self.kind, images), rng.random((len(images), 11))
        field = rng.random(_FIELD, np.float32)
        offsets = rng.integers(0, _FIELD - planes[:1].size + 1, len(planes))
        limits = np.cumsum([self.lines, self.dots, self.gaps, self.impulses])
        kinds = np.array([marks.LINES, marks.DOTS, marks.GAPS, marks.IMPULSES, marks.NOTHING])[
            np.searchsorted(limits, u[:, 0], side="right")
        ]
        new, draws = np.empty_like(planes), np.ascontiguousarray(u[:, 1:])
        in_shares(marks.mark, len(planes), threads, planes, kinds, draws, field, offsets, new)
        return new[..., np.newaxis]


@dataclass(frozen=True)
class RandomPhoto(ImageAugmenter):
    """Blurs some images, alters their contrast, adds noise and shade: what is left of a photo's faults.

    Of an altered image each amount is drawn uniformly up to the one given.

    Parameters
    ----------
    blur : float
        How many binomial 3 x 3 blurs, one after the other; the last one in part.
    contrast : float
        1 makes ink up to twice as dark, and its power 1/2 to 2.
    noise : float
        Standard deviation, in shares of full ink.
    shade : float
        0.5 takes away up to half of the ink towards one side.
    sweep : float
        How probable it is that an altered image has the blur of a camera that moves instead, 2.5 to
        5 pixels far in any direction; 0 to 1.
    glass : float
        How probable it is that the pixels of an altered image are displaced, each by up to a pixel.
    chance : float
        How probable it is that an image is altered at all, 0 to 1.

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
        from tenfold.backend.cpu.threads import in_shares
        from tenfold.backend.drawing.marks import photograph  # here, for Numba takes its time

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
        new, altered = np.empty_like(planes), u[:, 0] < self.chance
        in_shares(photograph, len(planes), threads, planes, altered, amounts, field, offsets, new)
        return new[..., np.newaxis]
