"""Convert numbers of any kind to pixels of 256 levels.

Networks of the zoo are trained on bytes. Bytes stay as they are; for all other numbers, the training samples
decide which value becomes paper (0) and which full ink (255).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenfold.nn import check_images

_INK = 255


@dataclass(frozen=True)
class Bytes:
    """The scale of training samples that are bytes: bytes are pixels, floats must be in 0..1."""

    def pixels(self, rows: NDArray[Any]) -> NDArray[np.uint8]:
        """Return pixels of the shape of ``rows``.

        Raises
        ------
        DTypeError, RangeError
            If the rows are neither bytes nor floats in 0..1.
        """
        if rows.dtype == np.uint8:
            return rows
        check_images(rows)
        return _levels(rows.astype(np.float64))


@dataclass(frozen=True)
class Range:
    """The scale of all other training samples, from ``low`` to ``high``.

    Attributes
    ----------
    low, high : float64 array (features,) or ()
        The values that become 0 and 255; others are clipped.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def pixels(self, rows: NDArray[Any]) -> NDArray[np.uint8]:
        """Return pixels of the shape of ``rows``; bytes are pixels already if the range is 0..1."""
        if rows.dtype == np.uint8 and self == UNIT:
            return rows
        span = self.high - self.low
        shares = rows - self.low  # float64
        shares /= np.where(span > 0, span, 1)
        return _levels(shares)

    def __eq__(self, other: object) -> bool:
        ends = np.array_equal
        return isinstance(other, Range) and ends(self.low, other.low) and ends(self.high, other.high)


Scale: TypeAlias = Bytes | Range
UNIT = Range(np.array(0.0), np.array(1.0))


def learn_scale(rows: NDArray[Any]) -> Scale:
    """Return how training samples, shape (n, features), become pixels.

    - uint8: pixels.
    - Numbers in 0..255: pixels too, with one scale for all of them: up to 1, or to the largest if that is
      above 1.
    - Anything else: each feature gets its own scale, from its smallest to its largest value.

    Examples
    --------
    >>> float(learn_scale(np.array([[0, 16], [8, 2]])).high)
    16.0
    >>> learn_scale(np.array([[-1.0, 1000.0], [1.0, 0.0]])).high
    array([   1., 1000.])
    """
    if rows.dtype == np.uint8:
        return Bytes()
    low, high = rows.min(axis=0).astype(np.float64), rows.max(axis=0).astype(np.float64)  # (features,)
    if low.min() < 0 or high.max() > _INK:
        return Range(low, high)
    return Range(UNIT.low, np.maximum(UNIT.high, high.max()))


def _levels(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the nearest of 256 levels for numbers in 0..1; others are clipped.

    The computation is in place: the training images of MNIST are 376 MB as float64.
    """
    np.clip(shares, 0, 1, out=shares)
    shares *= _INK
    return np.rint(shares, out=shares).astype(np.uint8)
