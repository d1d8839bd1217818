"""Put samples of any size on the 28 x 28 pixels that the networks of the zoo take."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import SIDE
from tenfold.errors import ShapeError

Size = tuple[int, int]
"""Height and width in pixels."""


def as_rows(samples: Any) -> tuple[Any, Size | None]:
    """Flatten images to rows; other samples are returned as they are, for scikit-learn to check.

    Parameters
    ----------
    samples : array (n, h, w) or (n, h, w, 1), list of such images or of PIL images, or anything else

    Returns
    -------
    rows : array (n, h * w), or ``samples``
    size : (h, w), or None
        Of the images.

    Raises
    ------
    ShapeError
        If they are images with colours, or of different sizes.
    """
    if isinstance(samples, (list, tuple)) and samples and hasattr(samples[0], "__array_interface__"):
        samples = _stacked([np.asarray(sample) for sample in samples])
    ndim = getattr(samples, "ndim", 2)
    if ndim < 3:
        return samples, None
    if ndim > 4 or (ndim == 4 and samples.shape[3] != 1):
        raise ShapeError(
            f"expected rows (n, features) or grey images (n, h, w), got {tuple(samples.shape)}; "
            "convert colours to one grey channel"
        )
    n, h, w = samples.shape[:3]
    return np.asarray(samples).reshape(n, h * w), (h, w)


def size_of_row(features: int) -> Size:
    """Return the size of the smallest square image that has room for a row.

    Examples
    --------
    >>> size_of_row(784), size_of_row(5)
    ((28, 28), (3, 3))
    """
    side = math.isqrt(features - 1) + 1
    return side, side


def check_size(size: Size) -> None:
    """Refuse images that are too large.

    Raises
    ------
    ShapeError
    """
    if max(size) > SIDE:
        raise ShapeError(
            f"expected images of at most {SIDE} x {SIDE} pixels, or rows of at most {SIDE * SIDE} features, "
            f"got {size[0]} x {size[1]}; make them smaller, or select features"
        )


def on_canvas(rows: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Return images: each row as an image, enlarged by a whole factor and centred on zeros.

    Parameters
    ----------
    rows : uint8 (n, features)
    size : (h, w)
        Of a row's image; the pixels that a row does not fill are 0.

    Returns
    -------
    uint8 (n, 28, 28)
    """
    h, w = size
    n, features = rows.shape
    images = np.pad(rows, ((0, 0), (0, h * w - features))).reshape(n, h, w)
    factor = SIDE // max(size)
    images = images.repeat(factor, axis=1).repeat(factor, axis=2)
    return np.pad(images, ((0, 0), _margins(h * factor), _margins(w * factor)))


def _margins(length: int) -> tuple[int, int]:
    before = (SIDE - length) // 2
    return before, SIDE - length - before


def _stacked(images: list[NDArray[Any]]) -> NDArray[Any]:
    shapes = sorted({image.shape for image in images})
    if len(shapes) > 1:
        raise ShapeError(
            f"expected images of one size, got {shapes[0]} and {shapes[-1]}; resize them to one size"
        )
    return np.stack(images)
