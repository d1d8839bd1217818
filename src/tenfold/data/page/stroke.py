"""Measures the width of strokes and changes it to a width that is usual in MNIST.

A line of one pixel on a page of 1,000 almost vanishes when the page is scaled to 20 x 20, and a broad marker
fills the loops. Such strokes are made thicker or thinner, around the same middle line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import LOW
from tenfold.data.page.mnist_style import BOX, SMALLEST, centred, ink_box, resampled

# Pixels of the 20 x 20 box. In MNIST's test set, 9 of 1,000 digits have thinner strokes than 1.5, 3 of 1,000
# thicker ones than 5.2; the median is 2.5.
THINNEST, THICKEST = 1.5, 5.2
FROM_THIN, FROM_THICK = 2.1, 4.2  # the new widths of strokes beyond those limits
_INK = LOW / 255  # of the darkest ink; the lowest level of blurred or faint strokes
_FINE = 120  # pixels of a side; strokes are changed at this resolution

Floats = npt.NDArray[np.float64]


def stroke_width(ink: npt.NDArray[Any]) -> float:
    """Return the mean width of the strokes in a picture (h, w) whose ink goes from 0 to 1, in pixels.

    The width is twice the area divided by the length of the outline. The outline of soft ink is its total
    variation; the factor pi / 4 corrects for measuring along the two axes only.

    Examples
    --------
    >>> import numpy as np
    >>> page = np.zeros((100, 100))
    >>> page[20:80, 40:46] = 1
    >>> round(stroke_width(page) * np.pi / 4, 1)
    5.5
    """
    padded = np.zeros((ink.shape[0] + 2, ink.shape[1] + 2))
    padded[1:-1, 1:-1] = ink
    outline = np.abs(padded[1:] - padded[:-1]).sum() + np.abs(padded[:, 1:] - padded[:, :-1]).sum()
    return float(2 * padded.sum() / max(outline * (np.pi / 4), 1e-9))


def digit_image(ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Scale the ink of one digit to 28 x 28 as `mnist_style` does, with strokes of a usual width.

    Parameters
    ----------
    ink : uint8 array (h, w)
        255 for ink, exactly 0 for paper; not blank.

    Returns
    -------
    uint8 array (28, 28)
    """
    box = ink_box(ink)
    small = resampled(box)
    width = stroke_width(small / small.max())
    if THINNEST <= width <= THICKEST:
        return centred(small)
    return centred(resampled(ink_box(_with_usual_strokes(box))))


def _with_usual_strokes(box: npt.NDArray[np.uint8]) -> Floats:
    """Return the digit with strokes as wide as MNIST's, at about `_FINE` pixels a side."""
    fine = _to_fine_side(box)
    scale = max(*fine.shape, SMALLEST) / BOX  # pixels of `fine` for one of the 20 x 20
    width = stroke_width(fine / fine.max())
    if width < THINNEST * scale:
        return _thickened(fine, (FROM_THIN * scale - width) / 2)
    if width > THICKEST * scale:
        return _thinned(fine, (width - FROM_THICK * scale) / 2)
    return fine


def _to_fine_side(box: npt.NDArray[np.uint8]) -> Floats:
    """Scale a box to about `_FINE` pixels; a block becomes its maximum (a mean would lose thin lines)."""
    ink = box.astype(np.float64)
    side = max(box.shape)
    if side < _FINE:
        times = -(-_FINE // side)
        return ink.repeat(times, axis=0).repeat(times, axis=1)
    block = side // _FINE
    if block == 1:
        return ink
    height, width = (-(-length // block) * block for length in box.shape)
    padded = np.zeros((height, width))
    padded[: box.shape[0], : box.shape[1]] = ink
    blocks = padded.reshape(height // block, block, width // block, block)
    strongest: Floats = blocks.max(axis=(1, 3))
    return strongest


def _thickened(fine: Floats, margin: float) -> Floats:
    """Make the strokes wider by ``margin`` pixels on each side, with smooth edges."""
    from scipy.ndimage import distance_transform_edt

    around = int(np.ceil(margin)) + 1
    page = np.pad(fine, around)
    away = distance_transform_edt(page < _INK * page.max())
    grown: Floats = np.clip(margin + 1 - away, 0, 1)
    return grown


def _thinned(fine: Floats, margin: float) -> Floats:
    """Make the strokes narrower by up to ``margin`` pixels on each side, without losing a line."""
    from scipy.ndimage import distance_transform_edt, maximum_filter

    inside = distance_transform_edt(np.pad(fine, 1) >= fine.max() / 2)
    middle = inside[(inside == maximum_filter(inside, 3)) & (inside > 0)]  # half the width, along the lines
    margin = min(margin, 0.7 * float(np.percentile(middle, 25)))
    shrunk: Floats = np.clip(inside - margin, 0, 1)
    return shrunk
