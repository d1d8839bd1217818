"""Samples as images of any size; small grey ones on 28 x 28 pixels, for the networks of the zoo."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import SIDE
from tenfold.errors import ShapeError

Size = tuple[int, ...]
"""Height and width in pixels; and the channels of colour images."""


def as_rows(samples: Any) -> tuple[Any, Size | None]:
    """Flatten images to rows; other samples are returned as they are, for scikit-learn to check.

    Parameters
    ----------
    samples : array (n, h, w) or (n, h, w, c), list of such images or of PIL images, or anything else

    Returns
    -------
    rows : array (n, h * w * c), or ``samples``
    size : (h, w) or (h, w, c), or None
        Of the images; without c for grey ones.

    Raises
    ------
    ShapeError
        If they are images of different sizes, or arrays with more axes.
    """
    if isinstance(samples, (list, tuple)) and samples and hasattr(samples[0], "__array_interface__"):
        samples = _stacked([np.asarray(sample) for sample in samples])
    ndim = getattr(samples, "ndim", 2)
    if ndim < 3:
        return samples, None
    if ndim > 4 or 0 in samples.shape[1:]:
        raise ShapeError(
            f"expected rows (n, features) or images (n, h, w) or (n, h, w, c), got {tuple(samples.shape)}; "
            "reshape them"
        )
    n, h, w, *c = samples.shape
    size = (h, w) if c in ([], [1]) else (h, w, *c)
    return np.asarray(samples).reshape(n, math.prod(size)), size


def size_of_row(features: int) -> Size:
    """Return the size of the smallest square image that has room for a row.

    Examples
    --------
    >>> size_of_row(784), size_of_row(5)
    ((28, 28), (3, 3))
    """
    side = math.isqrt(features - 1) + 1
    return side, side


def takes_canvas(size: Size) -> bool:
    """Return whether an image is grey and fits on 28 x 28 pixels."""
    return len(size) == 2 and max(size) <= SIDE


def as_images(rows: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Return each row as an image of this size, uint8 (n, h, w) or (n, h, w, c); missing pixels are 0.

    Parameters
    ----------
    rows : uint8 (n, features)
    size : (h, w) or (h, w, c)
    """
    n, features = rows.shape
    missing = math.prod(size) - features
    return (np.pad(rows, ((0, 0), (0, missing))) if missing else rows).reshape(n, *size)


def on_canvas(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return grey images (n, h, w) on zeros, uint8 (n, 28, 28): enlarged by a whole factor and centred."""
    _, h, w = images.shape
    factor = SIDE // max(h, w)
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
