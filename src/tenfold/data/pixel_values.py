"""Arrays of any dtype and layout as images: uint8, channels last."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.errors import DataError

_CHANNELS = (1, 3, 4)  # grey, colour, colour with transparency


def as_images(array: npt.NDArray[Any], where: str) -> npt.NDArray[np.uint8]:
    """Return images as uint8 0-255, (n, h, w) or (n, h, w, c); uint8 arrays of such a shape are not copied.

    Parameters
    ----------
    array : array (n, h, w), (n, h, w, c), (n, c, h, w), or (n, pixels) of square images
        uint8 0-255, whole numbers of 0-255, fractions of 0 to 1, or bool.
    where : str
        Starts error messages.

    Raises
    ------
    DataError
        If the values or the shape are others.
    """
    return as_uint8(shaped(array, where), where)


def shaped(array: npt.NDArray[Any], where: str) -> npt.NDArray[Any]:
    """Return an array as (n, h, w) or (n, h, w, c)."""
    if array.ndim == 2 and (side := math.isqrt(array.shape[1])) and side * side == array.shape[1]:
        return array.reshape(-1, side, side)
    if array.ndim == 3 and array.shape[1] * array.shape[2]:
        return array
    if array.ndim == 4 and array.shape[3] in _CHANNELS:
        return array
    if array.ndim == 4 and array.shape[1] in _CHANNELS:
        return np.ascontiguousarray(np.moveaxis(array, 1, 3))  # (n, c, h, w) -> (n, h, w, c)
    raise DataError(
        f"{where}: expected images of the shape (n, h, w), (n, h, w, c) with 1, 3 or 4 channels, or (n, "
        "pixels) with "
        f"a square number of pixels, found {array.shape}; reshape the array"
    )


def as_uint8(array: npt.NDArray[Any], where: str) -> npt.NDArray[np.uint8]:
    """Return pixels as uint8 0-255; a uint8 array is returned as it is."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "f":
        return from_floats(array, where)
    if array.dtype.kind not in "iu":
        raise DataError(f"{where}: expected numbers, found {array.dtype}; save the pixels as uint8 0-255")
    _check_range(array, where)
    pixels: npt.NDArray[np.uint8] = array.astype(np.uint8)
    return pixels * np.uint8(255) if array.max(initial=0) == 1 else pixels  # 0 and 1 are black and white


def from_floats(array: npt.NDArray[Any], where: str) -> npt.NDArray[np.uint8]:
    """Return numbers of 0 to 1, or whole numbers of 0 to 255, as uint8 0-255.

    Numbers that are all 0 or 1 count as the former: images without any grey would be black.
    """
    _check_range(array, where)
    if array.max(initial=0) <= 1:
        scaled: npt.NDArray[np.uint8] = np.rint(array * np.float32(255)).astype(np.uint8)
        return scaled
    if not (array == np.rint(array)).all():
        raise DataError(
            f"{where}: expected fractions of 0 to 1 or whole numbers of 0 to 255, found fractions up to "
            f"{array.max():g}; divide them by 255, or round them"
        )
    return array.astype(np.uint8)


def _check_range(array: npt.NDArray[Any], where: str) -> None:
    low, high = (array.min(), array.max()) if array.size else (0, 0)
    if not (0 <= low and high <= 255):  # NaN fails too
        raise DataError(
            f"{where}: expected pixels of 0 to 255 or of 0 to 1, found {low:g} to {high:g}; "
            "rescale them, for instance to (x - x.min()) / (x.max() - x.min())"
        )
