"""Elastic distortion: each pixel moves randomly, in nearly the same way as its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, check_pixels, distort
from tenfold.data.augment.random_affine import RandomAffine
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.errors import ConfigError
from tenfold.habits import constructor

_REACH = 3  # standard deviations; beyond, the Gaussian is 0


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomElastic(ImageAugmenter):
    """Moves pixels by a smooth random field, combined with an affine map; sampled once, bilinearly.

    For each image and direction, ``u`` is drawn uniformly from -1 to 1 for every pixel. The displacements, in
    pixels, are ``alpha (g * u)``: the convolution with a Gaussian ``g`` of standard deviation ``sigma`` whose
    weights sum to 1.

    Parameters
    ----------
    alpha : float
        Strength, 0 to 1000. With sigma = 4, the displacements have a standard deviation of 0.04 alpha pixels.
    sigma : float
        Smoothness in pixels, above 0, at most 28.
    zoom, rotation, shear, shift : float
        As in `RandomAffine`; height and width each have their own factor.
    chance : float
        Probability that an image is altered, 0 to 1.

    Raises
    ------
    ConfigError
        If an option is out of range.

    References
    ----------
    P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis" (2003), section 2; for MNIST, sigma = 4 and alpha = 34.

    Examples
    --------
    >>> images = np.zeros((5, 28, 28), np.uint8)
    >>> RandomElastic()(images, np.random.default_rng(0)).shape
    (5, 28, 28, 1)
    """

    kind: ClassVar[str] = "random_elastic"
    digits_only: ClassVar[bool] = False

    alpha: float = 34.0
    sigma: float = 4.0
    zoom: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    chance: float = 1.0

    def __post_init__(self) -> None:
        self.check_numbers(zoom=1, shear=90, below=True)
        self.check_numbers(alpha=1000, sigma=28, rotation=180, shift=1, chance=1)
        if self.sigma == 0:
            raise ConfigError(
                "random_elastic: sigma: expected a number above 0, got 0; for no displacement set alpha=0"
            )

    @property
    def _affine(self) -> RandomAffine:
        return RandomAffine(
            zoom=self.zoom, rotation=self.rotation, shear=self.shear, shift=self.shift, keep_ratio=False
        )

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.warp import displace  # here, because importing Numba is slow

        check_pixels(self.kind, images, (np.uint8, np.float32))
        n, h, w = images.shape[:3]
        altered = rng.random(n) < self.chance
        matrices = np.ascontiguousarray(self._affine.draw(n, rng).matrices(h, w))
        field = np.float32(self.alpha) * (2 * rng.random((n, 2, h, w), dtype=np.float32) - 1)
        return distort(displace, self.kind, images, threads, (altered, matrices, field), gaussian(self.sigma))


def gaussian(sigma: float) -> Array:
    """Return the weights of a Gaussian at whole pixels, float32 ``(2 reach + 1,)``; they sum to 1.

    Examples
    --------
    >>> gaussian(0.5).round(3)
    array([0.   , 0.106, 0.787, 0.106, 0.   ], dtype=float32)
    """
    reach = int(np.ceil(_REACH * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    found: Array = (weights / weights.sum()).astype(np.float32)
    return found
