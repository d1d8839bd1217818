"""Paper and camera: ruled lines, dots and gaps; blur, contrast, noise and shade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.examples import Array, ImageAugmenter, as_planes

_FIELD = 1 << 16  # numbers of noise that the images of a call share; each starts at a place of its own


@dataclass(frozen=True)
class RandomMarks(ImageAugmenter):
    """Draws a line or a zigzag across some images, or a dot or two, or takes away a line of ink.

    Parameters
    ----------
    lines, dots, gaps : float
        How probable each is, 0 to 1; together at most 1.

    Raises
    ------
    ConfigError
        If an option is out of range.
    """

    kind: ClassVar[str] = "random_marks"

    lines: float = 0.0
    dots: float = 0.0
    gaps: float = 0.0

    def __post_init__(self) -> None:
        self.check_numbers(lines=1)
        self.check_numbers(dots=1 - self.lines)
        self.check_numbers(gaps=1 - self.lines - self.dots)

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.marks import mark  # here, for Numba takes its time
        from tenfold.backend.drawing.shares import in_shares

        planes, u = as_planes(self.kind, images), rng.random((len(images), 9))
        limits = np.cumsum([self.lines, self.dots, self.gaps])
        kinds = (np.searchsorted(limits, u[:, 0], side="right") + 1) % 4  # 0: nothing
        new = np.empty_like(planes)
        in_shares(mark, len(planes), threads, planes, kinds, np.ascontiguousarray(u[:, 1:]), new)
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
    chance: float = 1.0

    def __post_init__(self) -> None:
        self.check_numbers(blur=5, contrast=1, noise=1, shade=1, chance=1)

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.marks import photograph  # here, for Numba takes its time
        from tenfold.backend.drawing.shares import in_shares

        planes, u = as_planes(self.kind, images), rng.random((len(images), 7))
        field = rng.standard_normal(_FIELD, np.float32)
        offsets = rng.integers(0, _FIELD - planes[:1].size + 1, len(planes))
        amounts = np.stack(
            [
                self.blur * u[:, 1],
                1 + self.contrast * u[:, 2],
                2.0 ** (self.contrast * (2 * u[:, 3] - 1)),
                self.noise * u[:, 4],
                self.shade * u[:, 5],
                2 * np.pi * u[:, 6],
            ],
            axis=1,
        )  # (n, 6)
        new, altered = np.empty_like(planes), u[:, 0] < self.chance
        in_shares(photograph, len(planes), threads, planes, altered, amounts, field, offsets, new)
        return new[..., np.newaxis]
