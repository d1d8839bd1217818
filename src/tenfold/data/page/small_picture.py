"""A picture of 28 x 28 is taken as one digit, perhaps from MNIST itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tenfold.data.idx import SIDE
from tenfold.data.page.components import LOW, Box
from tenfold.data.page.grey import Grey
from tenfold.data.page.mnist_style import CENTRE
from tenfold.data.page.plain_paper import (
    MIN_CONTRAST,
    NOISE,
    around,
    border,
    ink_is_dark,
    is_blank,
    paper_level,
)
from tenfold.data.page.stroke import digit_image

FEWEST = 5  # pixels; less ink is a speck
_FAINT = 200  # of 255; every digit of MNIST has blacker ink
_SMALLEST, _LARGEST = 14, 22  # pixels; MNIST's digits are 20 high or wide
_OFF_CENTRE = 1.5  # pixels


def small_digit(grey: Grey) -> tuple[Box, npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
    """Convert a picture of 28 x 28 to the style of MNIST.

    Its pixels are kept: paper becomes 0, the largest possible difference from paper 255. Faint ink is
    strengthened. Only a digit that is too small, too large or far from the centre is scaled and moved.
    Specks or a scratch around a digit can cause that by mistake, so the unscaled digit is returned too.

    Parameters
    ----------
    grey : uint8 array (28, 28)

    Returns
    -------
    Box and two uint8 arrays (28, 28), or None
        The digit's box; the digit, scaled and moved; and the unscaled digit (the same array if it is
        in the style of MNIST already). None if the picture is blank. MNIST's images are not changed.
    """
    paper = paper_level(grey)
    if is_blank(grey, paper):
        return None
    dark = ink_is_dark(grey, paper)
    away = np.maximum(paper - grey if dark else grey - np.float64(paper), 0)
    most = paper if dark else 255 - paper
    away = np.maximum(away - _third_quartile(border(away)), 0)  # haze; 0 on clean paper
    if away.max() < MIN_CONTRAST:
        return None
    scaled = away * 255 / (most if away.max() * 255 >= _FAINT * most else away.max())
    ink = np.rint(scaled).astype(np.uint8)
    if np.count_nonzero(ink >= 100) < FEWEST:
        return None
    box = Box.of(around(ink >= LOW))
    if _like_mnist(ink, box):
        return box, ink, ink
    return box, digit_image(np.where(ink < NOISE * 255, 0, ink).astype(np.uint8)), ink


def _third_quartile(values: npt.NDArray[np.float64]) -> float:
    """Return ``np.percentile(values, 75)`` to rounding; that takes 25 times as long for so few values."""
    ordered = np.sort(values)
    at = 0.75 * (len(ordered) - 1)
    below = ordered[int(at)]
    return float(below + (at - int(at)) * (ordered[min(int(at) + 1, len(ordered) - 1)] - below))


def _like_mnist(ink: npt.NDArray[np.uint8], box: Box) -> bool:
    """Return whether a digit has about the size of MNIST's digits and is centred."""
    if not _SMALLEST <= box.size <= _LARGEST:
        return False
    total = ink.sum(dtype=np.int64)
    centre = [float(ink.sum(axis=axis, dtype=np.int64) @ (np.arange(SIDE) + 0.5)) / total for axis in (0, 1)]
    return all(abs(along - (CENTRE + 0.5)) <= _OFF_CENTRE + 0.5 for along in centre)
