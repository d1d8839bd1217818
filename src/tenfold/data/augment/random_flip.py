"""Images mirrored left to right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, check_pixels
from tenfold.data.float_images import as_float
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.habits import constructor


@constructor(
    {**AUGMENT_OPTIONS, "p": "write chance=0.5", "direction": "leave it out: it mirrors left and right"}
)
@dataclass(frozen=True)
class RandomFlip(ImageAugmenter):
    """Mirrors images left to right, as cats and shoes may stand; never for letters or digits.

    Parameters
    ----------
    chance : float
        Probability that an image is mirrored, 0 to 1.

    Raises
    ------
    ConfigError
        If the chance is out of range.

    Examples
    --------
    >>> image = np.array([[[0, 255]]], np.uint8)  # (1, 1, 2)
    >>> RandomFlip(chance=1.0)(image, np.random.default_rng(0))[..., 0].tolist()
    [[[1.0, 0.0]]]
    """

    kind: ClassVar[str] = "random_flip"
    digits_only: ClassVar[bool] = False

    chance: float = 0.5

    def __post_init__(self) -> None:
        self.check_numbers(chance=1)

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        check_pixels(self.kind, images, (np.uint8, np.float32))
        floats = as_float(images) if images.dtype == np.uint8 else images  # (n, h, w, c)
        mirrored = rng.random(len(floats)) < self.chance
        return np.where(mirrored[:, np.newaxis, np.newaxis, np.newaxis], floats[:, :, ::-1], floats)
