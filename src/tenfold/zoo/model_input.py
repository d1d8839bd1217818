"""Checks and conversions of the images that a user passes to a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import SIDE
from tenfold.errors import DTypeError, ShapeError
from tenfold.nn import check_images


def as_images(images: NDArray[Any]) -> NDArray[np.uint8] | NDArray[np.float32]:
    """Return images in the form that executors take; bytes stay bytes.

    Parameters
    ----------
    images : uint8 (n, 28, 28), or floats in 0..1 (n, 28, 28) or (n, 28, 28, 1)
        Ink high.

    Returns
    -------
    uint8 (n, 28, 28), or float32 (n, 28, 28, 1) in 0..1

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If they are anything else, such as pixels 0..255 that were not scaled.

    Examples
    --------
    >>> as_images(np.ones((1, 28, 28))).shape
    (1, 28, 28, 1)
    """
    images = _checked(images)
    if images.dtype == np.uint8:
        return images
    return images[..., np.newaxis].astype(np.float32)


def as_rows(images: NDArray[Any]) -> NDArray[np.float64]:
    """Return images in the form that classical models take: float64 (n, 784), in 0..1."""
    images = _checked(images)
    rows = images.reshape(len(images), SIDE * SIDE)
    # in float64 from the start, as in the source document
    return rows / 255.0 if rows.dtype == np.uint8 else rows.astype(np.float64)


def _checked(images: NDArray[Any]) -> NDArray[Any]:
    """Return images as (n, 28, 28); refuse those that a model cannot take."""
    images = np.asarray(images)
    if images.shape[1:] not in ((SIDE, SIDE), (SIDE, SIDE, 1)):
        advice = "; for one image pass image[None]" if images.shape == (SIDE, SIDE) else "; resize them first"
        raise ShapeError(f"expected images (n, {SIDE}, {SIDE}), got {images.shape}{advice}")
    images = images.reshape(-1, SIDE, SIDE)
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise DTypeError(f"expected images as uint8 or floats, got {images.dtype}; convert them with astype")
    check_images(images)
    return images
