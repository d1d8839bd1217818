"""Random smooth warps: digits are rotated, slanted, stretched and bent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, check_pixels, distort
from tenfold.data.augment.random_affine import RandomAffine
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.habits import constructor

POINTS = 7  # control points along each axis
_DEGREE = 3


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomWarp(ImageAugmenter):
    """Applies a random affine map and a smooth random displacement to each image; sampled once, bilinearly.

    Parameters
    ----------
    zoom, rotation, shear : float
        As in `RandomAffine`; height and width each have their own factor.
    bend : float
        Standard deviation, in pixels, of the displacements of 7 x 7 control points. Cubic B-splines
        interpolate the displacements of all pixels, whose standard deviation is about half as large.
    chance : float
        Probability that an image is altered, 0 to 1.

    Raises
    ------
    ConfigError
        If an option is out of range.

    References
    ----------
    P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis" (2003), section 2: elastic distortions.
    """

    kind: ClassVar[str] = "random_warp"
    digits_only: ClassVar[bool] = False

    zoom: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    bend: float = 0.0
    chance: float = 1.0

    def __post_init__(self) -> None:
        self.check_numbers(zoom=1, shear=90, below=True)
        self.check_numbers(rotation=180, bend=10, chance=1)

    @property
    def _affine(self) -> RandomAffine:
        return RandomAffine(zoom=self.zoom, rotation=self.rotation, shear=self.shear, keep_ratio=False)

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.warp import bend  # here, because importing Numba is slow

        check_pixels(self.kind, images, (np.uint8, np.float32))
        n, h, w = images.shape[:3]
        altered = rng.random(n) < self.chance
        matrices = np.ascontiguousarray(self._affine.draw(n, rng).matrices(h, w))
        moves = self.bend * rng.standard_normal((n, 2, POINTS, POINTS))
        basis = bending_basis(max(h, w))
        return distort(bend, self.kind, images, threads, (altered, matrices, moves), basis)


@cache
def bending_basis(side: int) -> Array:
    """Return the weight of each control point for each pixel, (side, points); rows sum to 1."""
    from scipy.interpolate import BSpline  # here, because this import is slow

    inner = np.linspace(0, side - 1, POINTS - _DEGREE + 1)
    knots = np.concatenate([[inner[0]] * _DEGREE, inner, [inner[-1]] * _DEGREE])
    basis: Array = BSpline.design_matrix(np.arange(side, dtype=float), knots, _DEGREE).toarray()
    return basis
