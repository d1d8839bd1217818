"""Images of which a rectangle is erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, check_count, check_number, distort
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.errors import ConfigError
from tenfold.habits import constructor

_FIELD = 1 << 16  # random numbers that the images of a call share; each image starts at its own offset


@constructor(
    {
        **AUGMENT_OPTIONS,
        "p": "write chance=0.5",
        "scale": "write least=0.02, most=0.4",
        "ratio": "write aspect=0.3: from 0.3 to 1 / 0.3",
        "size": "write side=4",
    }
)
@dataclass(frozen=True)
class RandomErasing(ImageAugmenter):
    """Erases a rectangle of an image at a random place, so that a network does not rely on one part alone.

    The rectangle's share of the image's area is drawn uniformly, and the logarithm of height over width too;
    height and width are rounded to whole pixels and cut to those of the image. Then it is placed uniformly,
    where it lies within the image. (The paper draws height over width itself, and all again if the rectangle
    does not fit.)

    Parameters
    ----------
    chance : float
        Probability that an image is changed, 0 to 1.
    least, most : float
        The smallest and the largest share of the area, 0 to 1.
    aspect : float
        Height over width, from ``aspect`` to ``1 / aspect``; above 0, at most 1.
    side : int, optional
        Erase a square of so many pixels instead.
    value : float or None
        The pixels' new value, 0 to 1 (0 is paper, 1 is full ink); None for noise, from 0 to 1 for each pixel.

    Raises
    ------
    ConfigError
        If an option is out of range.

    References
    ----------
    Z. Zhong et al., "Random Erasing Data Augmentation" (arXiv:1708.04896), algorithm 1: these are its options
    for CIFAR-10, with noise. A. Byerly et al., "No Routing Needed Between Capsules" (arXiv:2001.09136) erase
    a square, ``RandomErasing(side=4, value=0.0, chance=1.0)``.

    Examples
    --------
    >>> images = np.full((1, 4, 4), 255, np.uint8)
    >>> erased = RandomErasing(side=2, value=0.0, chance=1.0)(images, np.random.default_rng(0))
    >>> float(erased.sum())  # of 16 pixels, four are erased
    12.0
    """

    kind: ClassVar[str] = "random_erasing"
    digits_only: ClassVar[bool] = False

    chance: float = 0.5
    least: float = 0.02
    most: float = 0.4
    aspect: float = 0.3
    side: int | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        self.check_numbers(chance=1, most=1)
        object.__setattr__(self, "least", check_number(self.kind, "least", self.least, self.most))
        self.check_numbers(aspect=1)
        if self.aspect == 0:
            raise ConfigError(f"{self.kind}: aspect: expected a number above 0, got 0; write aspect=0.3")
        if self.side is not None:
            object.__setattr__(self, "side", check_count(self.kind, "side", self.side))
        if self.value is not None:
            self.check_numbers(value=1)

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.erasing import erase  # here, because importing Numba is slow

        boxes = self.boxes(rng.random((len(images), 5)), *images.shape[1:3])
        field = np.full(1, self.value or 0.0, np.float32)
        if self.value is None:
            field = rng.random(_FIELD, np.float32)
        offsets = rng.integers(0, len(field), len(images))
        return distort(erase, self.kind, images, threads, (boxes, offsets), field)

    def boxes(self, u: Array, h: int = 1, w: int = 1) -> Array:
        """Return which rows and columns of each image are erased.

        Parameters
        ----------
        u : float64 array (n, 5)
            Uniform from 0 to 1: whether to change the image, area, aspect, row and column.
        h, w : int
            Of an image, in pixels.

        Returns
        -------
        int64 array, shape (n, 4)
            First row, end of the rows, first column, end of the columns. Both rows, and both columns, are
            equal for an image that stays as it is.
        """
        sides = np.full((len(u), 2), self.side or 0, np.float64)
        if self.side is None:
            area = h * w * (self.least + (self.most - self.least) * u[:, 1])
            ratio = self.aspect ** (2 * u[:, 2] - 1)  # of height to width
            sides = np.sqrt(np.column_stack([area * ratio, area / ratio]))
        sides = np.clip(np.rint(sides).astype(np.int64), 1, (h, w))  # (n, 2)
        starts = (u[:, 3:] * (np.array([h, w]) - sides + 1)).astype(np.int64)
        sides[u[:, 0] >= self.chance] = 0
        return np.ascontiguousarray(np.stack([starts, starts + sides], axis=2).reshape(-1, 4))
