"""Size and position of a digit as in MNIST, with random deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, as_planes, run_kernel
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.habits import constructor

_EQUAL, _NEARLY = 0.03, 0.25  # a size that changes by less is not changed


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomFrame(ImageAugmenter):
    """Scales each image's ink into a box of 20 pixels and centres it by mass, with random deviations.

    Parameters
    ----------
    zoom : float
        0.1 scales the box by 0.9 to 1.1.
    shift : float
        Largest shift from the centre, in pixels, in each direction.
    chance : float
        Probability that size and position of an image are random, 0 to 1; others are as in MNIST.
    kept : float
        Probability that an image keeps its pixels, and is only moved, if its size is nearly MNIST's, 0 to 1.

    Raises
    ------
    ConfigError
        If an option is out of range.
    """

    kind: ClassVar[str] = "random_frame"

    zoom: float = 0.0
    shift: float = 0.0
    chance: float = 1.0
    kept: float = 0.0

    def __post_init__(self) -> None:
        self.check_numbers(zoom=0.9, shift=28, chance=1, kept=1)

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.frame import put_into_frame  # here, because importing Numba is slow

        planes, u = as_planes(self.kind, images), rng.random((len(images), 5))
        even = np.where(u[:, :1] < self.chance, 2 * u[:, 1:4] - 1, 0.0)
        sizes = even * (self.zoom, self.shift, self.shift) + (1, 0, 0)  # (n, 3)
        draws = np.column_stack([sizes, np.where(u[:, 4] < self.kept, _NEARLY, _EQUAL)])
        return run_kernel(put_into_frame, planes, threads, draws)
