"""Test-time augmentation: predictions averaged over shifted and rotated copies of each image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenfold.backend.bilinear import bilinear
from tenfold.data.augment.augmenter import Array, check_number
from tenfold.data.augment.random_affine import AffineParameters
from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.quoting import quoted

Predictor = Callable[[Any], NDArray[np.floating[Any]]]
_MOST = 8  # pixels: 289 copies


class Copy(NamedTuple):
    """How a copy differs from its image: degrees counter-clockwise, then pixels down and right."""

    rotation: float
    down: int
    right: int


@constructor(
    {
        **dict.fromkeys(("n", "copies", "n_augmentations"), "write TTA(shift=1): nine copies"),
        **dict.fromkeys(("augment", "augmentation", "transforms"), "write TTA(shift=1, rotation=10)"),
    },
    example="TTA(shift=1)",
)
@dataclass(frozen=True)
class TTA:
    """Test-time augmentation: the mean of the probabilities of shifted, and rotated, copies of an image.

    There is a copy for every shift by whole pixels in a square, the image itself among them, and of each one
    more for either direction of a rotation. Nothing is random. What comes in from outside the image is 0.

    Parameters
    ----------
    shift : int
        Largest shift in pixels, in each direction, 0 to 8: 1 gives 9 copies, 2 gives 25.
    rotation : float
        Degrees by which copies are rotated about the centre in either direction, 0 to 180; with 0 none are,
        otherwise there are three times as many.

    Raises
    ------
    ConfigError
        If an option is out of range, or both are 0.

    References
    ----------
    A. Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012), section
    4.1, where five patches and their mirror images are averaged.

    Examples
    --------
    >>> def ink(images):  # any function from images to probabilities (n, k)
    ...     return np.stack([images[:, 0, 0] / 255, 1 - images[:, 0, 0] / 255], axis=1)
    >>> corner = np.zeros((1, 5, 5), np.uint8)
    >>> corner[0, 0, 0] = 255
    >>> ink(corner)[0].tolist(), TTA(shift=1).mean(ink, corner)[0].round(2).tolist()
    ([1.0, 0.0], [0.11, 0.89])
    """

    shift: int = 1
    rotation: float = 0.0

    def __post_init__(self) -> None:
        shift = check_number("TTA", "shift", self.shift, _MOST)
        if shift != int(shift):
            raise ConfigError(f"TTA: shift: expected whole pixels, got {quoted(self.shift)}; write shift=1")
        object.__setattr__(self, "shift", int(shift))
        object.__setattr__(self, "rotation", check_number("TTA", "rotation", self.rotation, 180))
        if not self.shift and not self.rotation:
            raise ConfigError(
                "TTA: expected a shift or a rotation, got 0 for both; write TTA(shift=1) or --tta 1"
            )

    def __str__(self) -> str:
        ways = [f"shifted by up to {self.shift} pixel{'s' if self.shift > 1 else ''}"] if self.shift else []
        ways += [f"rotated by {self.rotation:g} degrees"] if self.rotation else []
        return f"the mean of {len(self.copies)} copies, {' and '.join(ways)}"

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return asdict(self)

    @property
    def copies(self) -> tuple[Copy, ...]:
        """The copies of each image; the first is the image itself."""
        rotations = (0.0, self.rotation, -self.rotation) if self.rotation else (0.0,)
        steps = sorted(range(-self.shift, self.shift + 1), key=abs)
        return tuple(Copy(*way) for way in product(rotations, steps, steps))

    def mean(self, predict_proba: Predictor, images: Array) -> NDArray[np.float64]:
        """Return the mean of what a predictor says of the copies, float64 (n, k).

        Parameters
        ----------
        predict_proba : callable
            From images to probabilities (n, k), such as a model's method.
        images : array, (n, h, w) or (n, h, w, c)
            As the predictor takes them.
        """
        others = self.copies[1:]
        total = np.array(predict_proba(images), np.float64)  # first, for it says what is wrong with images
        for one in others:
            total += predict_proba(altered(images, one))
        return total / (1 + len(others))

    def predictor(self, predict_proba: Predictor) -> Predictor:
        """Return the predictor with test-time augmentation: from images to mean probabilities."""
        return lambda images: self.mean(predict_proba, images)


def check_tta(value: object) -> TTA | None:
    """Return the test-time augmentation that is asked for, if any.

    Raises
    ------
    ConfigError
        If it is something else.
    """
    if value is None or isinstance(value, TTA):
        return value
    raise ConfigError(f"tta: expected TTA(...), got {quoted(value)}; write tta=tenfold.data.TTA(shift=1)")


def altered(images: Array, copy: Copy) -> Array:
    """Return copies of images (n, h, w) or (n, h, w, c); only a rotation makes float32 of bytes."""
    if copy.rotation == 0:
        return _shifted(images, copy.down, copy.right)
    h, w = images.shape[1:3]
    one, none = np.ones((1, 2)), np.zeros(1)
    moved = np.array([[copy.down / h, copy.right / w]])
    matrix = AffineParameters(one, none, np.array([copy.rotation]), moved).matrices(h, w)
    matrices = np.repeat(matrix, len(images), axis=0)
    if images.dtype != np.uint8 and images.ndim == 3:
        images = images[..., np.newaxis]
    if images.dtype not in (np.uint8, np.float32):
        return bilinear(images, matrices)
    from tenfold.backend.cpu.bilinear import bilinear as compiled  # here, because importing Numba is slow

    return compiled(images, matrices)


def _shifted(images: Array, down: int, right: int) -> Array:
    """Return images moved by whole pixels, with zeros where nothing comes from."""
    new = np.zeros_like(images)
    (to_row, from_row), (to_column, from_column) = (
        _ranges(side, by) for side, by in zip(images.shape[1:3], (down, right), strict=True)
    )
    new[:, to_row, to_column] = images[:, from_row, from_column]
    return new


def _ranges(side: int, by: int) -> Iterator[slice]:
    """Yield where pixels go to along a side, and where they come from."""
    left = max(side - abs(by), 0)
    yield from (slice(first, first + left) for first in (max(by, 0), max(-by, 0)))
