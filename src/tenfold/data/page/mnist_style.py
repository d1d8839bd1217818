"""A digit of any size brought to 28 x 28 the way MNIST was made from NIST.

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

BOX = 20  # pixels, the square that the digit is scaled to
SMALLEST = 10  # pixels; a smaller digit keeps this much room around it
CENTRE = SIDE // 2

Floats = npt.NDArray[np.float64]


def mnist_style(ink: npt.NDArray[np.uint8] | Floats) -> npt.NDArray[np.uint8]:
    """Bring one digit to 28 x 28: scaled into a box of 20 x 20 and centred by mass.

    Parameters
    ----------
    ink : array (h, w)
        Ink high, background exactly 0, any scale.

    Returns
    -------
    uint8 array (28, 28)
        0-255, the heaviest ink at 255. The centre of mass (pixel centres at +.5) lies in [14, 15)
        on both axes, unless that would push ink over the edge: then as close as the ink allows.

    Raises
    ------
    ShapeError
        If the picture is not (h, w).
    RangeError
        If there is no ink, or it is negative or not finite.

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
        raise ShapeError(f"picture: expected the shape (h, w), found {picture.shape}; give one grey picture")
    if not np.isfinite(picture).all() or picture.min() < 0:
        raise RangeError(
            "picture: expected ink of 0 and more, found negative or non-finite values; rescale it"
        )
    if not picture.any():
        raise RangeError("picture: expected ink, found a blank; draw a digit, ink high")
    return centred(resampled(ink_box(picture)))


def ink_box(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The smallest rectangle that holds all ink."""
    return picture[around(picture)]


def resampled(box: npt.NDArray[Any]) -> Floats:
    """The ink box (h, w), in the middle of a square, as 20 x 20: area-weighted means."""
    side = max(*box.shape, SMALLEST)
    small: Floats = _weights(box.shape[0], side) @ box @ _weights(box.shape[1], side).T
    return small


@lru_cache(maxsize=256)
def _weights(length: int, side: int) -> Floats:
    """How much each of ``length`` source pixels counts in each of 20 targets, (20, length).

    The source lies in the middle of a square of ``side``; where that is below 20, MNIST's makers
    doubled the pixels first, which leaves these means as they are.
    """
    edges = np.arange(BOX + 1) * (side / BOX)  # of the target pixels, in source pixels
    source = np.arange(length) + (side - length) // 2
    overlap = np.minimum(edges[1:, None], source + 1) - np.maximum(edges[:-1, None], source)
    weights: Floats = np.clip(overlap, 0, None) * (BOX / side)
    weights.flags.writeable = False  # it is kept for the next picture
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
    """How far to move one axis, given its ink for each of the 20 positions."""
    total = int(profile.sum())
    centre = (2 * int(profile @ np.arange(BOX)) + total) // (2 * total)  # pixel centres at +.5, rounded down
    inked = np.flatnonzero(profile)
    lowest, highest = -int(inked[0]), SIDE - 1 - int(inked[-1])  # beyond these, ink falls off the page
    return min(max(CENTRE - centre, lowest), highest)
