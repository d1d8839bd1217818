"""Random affine maps of images: zoom, shear, rotation and shift."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np

from tenfold.backend.bilinear import bilinear
from tenfold.data.augment.augmenter import Array, ImageAugmenter, check_count, check_pixels
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.errors import ConfigError
from tenfold.habits import constructor

_LATER = ("together", "whole_pixels")
_DRAWS = 7  # random numbers for each image, for all options, so that images do not affect each other


class AffineParameters(NamedTuple):
    """The affine maps of n images.

    Attributes
    ----------
    zoom : float64 array, shape (n, 2)
        Factors for height and width.
    shear, rotation : float64 arrays, shape (n,)
        Degrees: slant of an upright stroke to the right; rotation counter-clockwise.
    shift : float64 array, shape (n, 2)
        Shift down and right, as fractions of the image's sides; applied last.
    """

    zoom: Array
    shear: Array
    rotation: Array
    shift: Array

    def matrices(self, h: int, w: int, *, whole_pixels: bool = False) -> Array:
        """Return the inverse maps: from pixels of the altered images of h x w to the original ones.

        With ``whole_pixels`` a shift is rounded to whole pixels, towards 0.

        In coordinates (row, column) from the image's centre, a point p moves to
        ``q = rotation @ shear @ zoom @ p + shift``. So the value at q comes from
        ``p = inverse @ (q - shift)``, where ``inverse`` is::

            [1 / height     0    ]   [  1    0 ]   [ cos  sin]
            [    0      1 / width] @ [slope  1 ] @ [-sin  cos]

        Returns
        -------
        float64 array, shape (n, 2, 3)
            The format of `tenfold.backend.bilinear`.
        """
        cos, sin = np.cos(np.deg2rad(self.rotation)), np.sin(np.deg2rad(self.rotation))
        slope, (height, width) = np.tan(np.deg2rad(self.shear)), self.zoom.T
        inverse = np.array(
            [
                [cos / height, sin / height],
                [(slope * cos - sin) / width, (slope * sin + cos) / width],
            ]
        )  # (2, 2, n)
        centre = np.array([[h - 1], [w - 1]]) / 2  # (2, 1), between the pixels where a side is even
        pixels = self.shift.T * [[h], [w]]  # (2, n)
        moved = centre + (np.trunc(pixels) if whole_pixels else pixels)  # the new position of the centre
        offset = centre - np.sum(inverse * moved, axis=1)  # (2, n)
        return np.moveaxis(np.concatenate([inverse, offset[:, np.newaxis]], axis=1), 2, 0)


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomAffine(ImageAugmenter):
    """Applies a random affine map to each image: zoom, then shear, rotation about the centre, shift.

    Every amount is drawn uniformly and independently; all channels of an image get the same. The four are
    composed to one map, so that the image is sampled once: bilinearly, with zeros around it (see
    `tenfold.backend.bilinear`).

    Compiled code on all cores samples uint8 and float32 images, the definition float64 images. Both draw the
    same random numbers, and their results differ by less than 1e-5.

    Parameters
    ----------
    zoom : float
        0.2 scales a digit by 0.8 to 1.2.
    rotation : float
        25 rotates it by up to 25 degrees in either direction.
    shift : float
        0.2 moves it up or down by up to a fifth of the image's height, left or right by up to a fifth of
        its width.
    shear : float
        10 slants it by up to 10 degrees in either direction.
    keep_ratio : bool
        Whether height and width have the same factor; if not, each has its own.
    chance : float
        Probability that an image is altered, 0 to 1.
    together : int
        Number of consecutive images for which ``chance`` is drawn once: 1 draws for each image, the
        minibatch's size for a whole minibatch. Each image has its own amounts in any case.
    whole_pixels : bool
        Whether shifts are rounded to whole pixels, towards 0.

    Raises
    ------
    ConfigError
        If an option is out of range.

    References
    ----------
    D. Ciresan et al., "Deep, Big, Simple Neural Nets Excel on Handwritten Digit Recognition"
    (arXiv:1003.0358), section 2, which also distorts elastically.

    Examples
    --------
    >>> augment = RandomAffine(zoom=0.1, rotation=10, shift=0.1)
    >>> images = np.zeros((5, 28, 28), np.uint8)
    >>> altered = augment(images, np.random.default_rng(0))
    >>> altered.shape, altered.dtype
    ((5, 28, 28, 1), dtype('float32'))
    """

    kind: ClassVar[str] = "random_affine"
    digits_only: ClassVar[bool] = False

    zoom: float = 0.0
    rotation: float = 0.0
    shift: float = 0.0
    shear: float = 0.0
    keep_ratio: bool = True
    chance: float = 1.0
    together: int = 1
    whole_pixels: bool = False

    def __post_init__(self) -> None:
        self.check_numbers(zoom=1, shear=90, below=True)  # at the limit nothing is left
        self.check_numbers(rotation=180, shift=1, chance=1)
        for name in ("keep_ratio", "whole_pixels"):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise ConfigError(
                    f"random_affine: {name}: expected True or False, got {value!r}; pass one of them"
                )
        object.__setattr__(self, "together", check_count(self.kind, "together", self.together))

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON values.

        The last two are left out if they have their defaults, so that older recipes keep their hash.
        """
        defaults = {field.name: field.default for field in fields(self) if field.name in _LATER}
        return {
            name: x for name, x in super().config().items() if name not in defaults or x != defaults[name]
        }

    def draw(self, n: int, rng: np.random.Generator) -> AffineParameters:
        """Draw the maps of n images, image by image.

        Two calls for parts of the images give the same maps as one call for all, if the first part is a
        multiple of ``together``.
        """
        numbers = rng.random((n, _DRAWS))
        even = 2 * numbers[:, 1:] - 1  # (n, 6), -1 to 1
        together = min(self.together, max(n, 1))
        decides = np.arange(n) // together * together  # (n,): the first image of each group
        altered = numbers[decides, :1] < self.chance  # (n, 1)
        even = np.where(altered, even, 0.0)
        zoom = even[:, [0, 0]] if self.keep_ratio else even[:, [0, 1]]
        return AffineParameters(
            zoom=1 + self.zoom * zoom,
            rotation=self.rotation * even[:, 2],
            shift=self.shift * even[:, 3:5],
            shear=self.shear * even[:, 5],
        )

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        """Return altered images.

        Parameters
        ----------
        images : uint8 array (n, h, w) or (n, h, w, c), 0 to 255; or float32 or float64 (n, h, w, c), 0 to 1
        rng : numpy.random.Generator
        threads : int, optional
            All cores unless given; the result is the same for any number.

        Returns
        -------
        array, shape (n, h, w, c)
            0 to 1; float64 if the images are, otherwise float32. Images that are not altered keep
            every bit.

        Raises
        ------
        ShapeError, DTypeError
            If the images have another dtype or shape.
        """
        check_pixels(self.kind, images, (np.uint8, np.float32, np.float64))
        amounts = self.draw(len(images), rng)
        matrices = amounts.matrices(*images.shape[1:3], whole_pixels=self.whole_pixels)
        if images.dtype == np.float64:
            return bilinear(images, matrices)
        from tenfold.backend.cpu.bilinear import bilinear as compiled  # here, because importing Numba is slow

        return compiled(images, matrices, threads=threads)
