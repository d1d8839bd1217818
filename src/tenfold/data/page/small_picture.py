"""A picture of 28 x 28, which is taken to be one digit, perhaps of MNIST itself."""

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

FEWEST = 5  # pixels; less ink than that is a speck
_FAINT = 200  # of 255; MNIST's digits all have blacker ink somewhere
_SMALLEST, _LARGEST = 14, 22  # pixels; MNIST's digits are 20 high or wide
_OFF_CENTRE = 1.5  # pixels


def small_digit(grey: Grey) -> tuple[Box, npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
    """Bring a picture of 28 x 28 to what MNIST's are.

    Its pixels are kept, paper as 0 and what the ink could differ from it at most as 255. Faint ink is
    strengthened. Only a digit that is too small, too large or far off the middle is scaled and moved.
    Specks or a scratch around a digit may make it seem so by mistake: the digit as it is, which is then
    the better one, is returned too.

    Parameters
    ----------
    grey : uint8 array (28, 28)

    Returns
    -------
    Box and two uint8 arrays (28, 28), or None
        Where it stands in the picture; the digit, scaled and moved; and as it is, the same array if
        that is how MNIST's are. None where nothing is written. An image of MNIST is returned as it is.
    """
    paper = paper_level(grey)
    if is_blank(grey, paper):
        return None
    dark = ink_is_dark(grey, paper)
    away = np.maximum(paper - grey if dark else grey - np.float64(paper), 0)
    most = paper if dark else 255 - paper
    away = np.maximum(away - np.percentile(border(away), 75), 0)  # fog; on clean paper there is none
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


def _like_mnist(ink: npt.NDArray[np.uint8], box: Box) -> bool:
    """Whether a digit has about the size of MNIST's and stands in the middle."""
    if not _SMALLEST <= box.size <= _LARGEST:
        return False
    total = ink.sum(dtype=np.int64)
    centre = [float(ink.sum(axis=axis, dtype=np.int64) @ (np.arange(SIDE) + 0.5)) / total for axis in (0, 1)]
    return all(abs(along - (CENTRE + 0.5)) <= _OFF_CENTRE + 0.5 for along in centre)
