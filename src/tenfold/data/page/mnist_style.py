"""Scales a digit to 28 x 28 in the way that MNIST was made from NIST.

References
----------
C. Yadav, L. Bottou, "Cold Case: the Lost MNIST Digits", NeurIPS 2019, arXiv:1905.10498, section 2
and appendix (the reconstructed preprocessing).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.idx import SIDE
from tenfold.data.page.plain_paper import around
from tenfold.errors import RangeError, ShapeError

BOX = 20  # pixels; side of the square that the digit is scaled to
SMALLEST = 10  # pixels; a smaller digit is scaled as if it had this size
CENTRE = SIDE // 2

Floats = npt.NDArray[np.float64]


def mnist_style(ink: npt.NDArray[np.uint8] | Floats) -> npt.NDArray[np.uint8]:
    """Scale one digit into a box of 20 x 20 and centre it by mass in 28 x 28.

    Parameters
    ----------
    ink : array (h, w)
        Largest value for ink, background exactly 0, any scale.

    Returns
    -------
    uint8 array (28, 28)
        0-255, with the largest value 255. The centre of mass (pixel centres at +.5) lies in [14, 15)
        on both axes, or as close to it as possible if ink would leave the image.

    Raises
    ------
    ShapeError
        If the picture is not (h, w).
    RangeError
        If there is no ink, or a value is negative or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import mnist_style
    >>> page = np.zeros((300, 200))
    >>> page[50:250, 90:110] = 1.0
    >>> digit = mnist_style(page)
    >>> digit.shape, np.flatnonzero(digit.any(axis=1))[[0, -1]].tolist()
    ((28, 28), [4, 23])
    """
    picture = np.asarray(ink, dtype=np.float64)
    if picture.ndim != 2 or picture.size == 0:
        raise ShapeError(f"picture: expected the shape (h, w), found {picture.shape}; pass one grey picture")
    if not np.isfinite(picture).all() or picture.min() < 0:
        raise RangeError(
            "picture: expected ink of 0 and more, found negative or non-finite values; rescale it"
        )
    if not picture.any():
        raise RangeError("picture: expected ink, found a blank picture; pass a digit with ink above 0")
    return centred(resampled(ink_box(picture)))


def ink_box(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the smallest rectangle that holds all ink."""
    return picture[around(picture)]


def resampled(box: npt.NDArray[Any]) -> Floats:
    """Scale an ink box (h, w), centred in a square, to 20 x 20 by area-weighted means."""
    side = max(*box.shape, SMALLEST)
    small: Floats = _weights(box.shape[0], side) @ box @ _weights(box.shape[1], side).T
    return small


@lru_cache(maxsize=256)
def _weights(length: int, side: int) -> Floats:
    """Return the weights of ``length`` source pixels in 20 target pixels, (20, length).

    The source is centred in a square of ``side``. For a side below 20, MNIST's makers doubled the pixels
    first, which gives the same means.
    """
    edges = np.arange(BOX + 1) * (side / BOX)  # of the target pixels, in source pixels
    source = np.arange(length) + (side - length) // 2
    overlap = np.minimum(edges[1:, None], source + 1) - np.maximum(edges[:-1, None], source)
    weights: Floats = np.clip(overlap, 0, None) * (BOX / side)
    weights.flags.writeable = False  # shared through the cache
    return weights


def centred(small: Floats) -> npt.NDArray[np.uint8]:
    """Scale the ink of (20, 20) to 255 and paste it into (28, 28), centred by mass."""
    return _centre_by_mass(np.rint(small * (255 / small.max())).astype(np.uint8))


def _centre_by_mass(small: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Paste (20, 20) into (28, 28) by whole pixels."""
    page = np.zeros((3 * SIDE, 3 * SIDE), np.uint8)  # the middle third is the result
    first = [SIDE + _shift(small.sum(axis=axis, dtype=np.int64)) for axis in (1, 0)]
    page[first[0] : first[0] + BOX, first[1] : first[1] + BOX] = small
    return page[SIDE : 2 * SIDE, SIDE : 2 * SIDE].copy()


def _shift(profile: npt.NDArray[np.int64]) -> int:
    """Return the shift along one axis, given the ink at its 20 positions."""
    total = int(profile.sum())
    centre = (2 * int(profile @ np.arange(BOX)) + total) // (2 * total)  # pixel centres at +.5, rounded down
    inked = np.flatnonzero(profile)
    lowest, highest = -int(inked[0]), SIDE - 1 - int(inked[-1])  # beyond these, ink falls off the page
    return min(max(CENTRE - centre, lowest), highest)
