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
    if n and not (np.isfinite(weights).all() and weights.min() >= 0):
        raise RangeError(
            f"weights: expected numbers of at least 0, found {weights.min()} to {weights.max()}; correct them"
        )
    return weights.astype(np.float32)


def check_one_counts(weights: npt.NDArray[np.float32] | None) -> None:
    """Refuse a training without effect. A part of a data set, which is not trained on, may have no weight."""
    if weights is not None and not weights.any():
        raise RangeError("weights: expected one above 0 for training, found only 0; raise some")
