"""Weights of images: factors of their losses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tenfold.errors import RangeError, ShapeError


def checked_weights(given: npt.ArrayLike, n: int) -> npt.NDArray[np.float32]:
    """Return the weights of n images as float32."""
    weights = np.asarray(given)
    if weights.dtype.kind not in "fiu" or weights.shape != (n,):
        raise ShapeError(
            f"weights: expected a number for each of {n} images, found {weights.dtype} of shape "
            f"{weights.shape}; pass one for each image"
        )
    if n and not (np.isfinite(weights).all() and weights.min() >= 0 and weights.max() > 0):
        raise RangeError(
            f"weights: expected numbers of at least 0, and not all 0, found {weights.min()} to "
            f"{weights.max()}; correct them"
        )
    return weights.astype(np.float32)
