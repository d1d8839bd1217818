"""Arrays, lists and tensors of any usual kind as the levels of one picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.errors import DTypeError, RangeError, ShapeError
from tenfold.quoting import message

_DEEP = 65_535


def picture_levels(picture: Any) -> npt.NDArray[np.uint8]:
    """Return the pixels of a picture in memory as uint8 (h, w), (h, w, 3) or (h, w, 4).

    Parameters
    ----------
    picture : array, list or tensor
        (h, w), or (h, w, c) with 1, 3 or 4 channels. Whole numbers of 0 to 255, or of 0 to 65,535 if one is
        larger than 255; floats of 0 to 1, or likewise; bool, or 0 and 1, for black and white.

    Raises
    ------
    DTypeError, ShapeError, RangeError
        If it has another form.
    """
    try:
        array = np.asarray(picture)
    except (ValueError, TypeError, RuntimeError) as error:  # ragged lists; tensors on another device
        raise ShapeError(
            f"picture: expected rows of equal length, got others ({message(error, 80)}); pass an array"
        ) from error
    if array.dtype.kind not in "biuf":
        raise DTypeError(f"picture: expected numbers, found {array.dtype}; pass pixels of 0 to 255")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,), (4,)) or array.size == 0:
        raise ShapeError(
            "picture: expected the shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), "
            f"found {array.shape}; reshape it"
        )
    return _eight_bits(array)


def _eight_bits(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= _DEEP):  # NaN fails too
        raise RangeError(
            f"picture: expected pixels of 0 to 255 or of 0 to 1, found {low:g} to {high:g}; "
            "rescale them, for instance to (x - x.min()) / (x.max() - x.min())"
        )
    if array.dtype == np.uint8 and high > 1:
        return array
    if high <= 1:
        return np.rint(array * np.float32(255)).astype(np.uint8)
    scaled = array if high <= 255 else array / np.float32(257)
    return np.rint(scaled).astype(np.uint8)
