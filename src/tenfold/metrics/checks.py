"""Checks of the arguments of metrics."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import DTypeError, RangeError, ShapeError

ROW_SUM_TOLERANCE = 1e-3  # rows of float32 probabilities sum to 1 within a few 1e-7, of float16 within 1e-3


def checked_labels(labels: ArrayLike, classes: int, what: str = "labels") -> NDArray[np.int64]:
    """Return labels as int64 ``(n,)``: at least one, each in ``0 .. classes - 1``."""
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ShapeError(f"{what}: expected one axis (n,), got shape {array.shape}; pass a flat array")
    if array.size == 0:
        raise ShapeError(f"{what}: expected at least one, got none; check the data set or its filter")
    if array.dtype.kind not in "iu":
        raise DTypeError(f"{what}: expected integers, got {array.dtype}; convert with .astype(np.int64)")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= classes:
        worst = low if low < 0 else high
        raise RangeError(f"{what}: expected 0 to {classes - 1}, got {worst}; check the source of the labels")
    return array.astype(np.int64)


def checked_probabilities(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities as float64 ``(n, k)``: finite, not negative, rows sum to 1."""
    array = np.asarray(probabilities)
    if array.ndim != 2 or array.shape[0] == 0 or array.shape[1] < 2:
        raise ShapeError(
            f"probabilities: expected (n, k) with n > 0 and k > 1, got shape {array.shape}; "
            "pass one row for each image and one column for each class"
        )
    if array.dtype.kind != "f":
        raise DTypeError(f"probabilities: expected floats, got {array.dtype}; pass predict_proba's output")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise RangeError(
            f"probabilities: expected finite numbers, got NaN or infinity in row {row}; "
            "check that the training did not diverge"
        )
    off = np.abs(array.sum(axis=1) - 1.0)
    if array.min() < 0 or off.max() > ROW_SUM_TOLERANCE:
        row = int(np.argmax((array.min(axis=1) < 0) | (off > ROW_SUM_TOLERANCE)))
        raise RangeError(
            f"probabilities: expected rows of numbers of at least 0 with sum 1, got row {row} with "
            f"minimum {array[row].min():.4g} and sum {array[row].sum():.4g}; "
            "pass probabilities, not logits (apply softmax)"
        )
    return array


def checked_answers(
    labels: ArrayLike, predictions: ArrayLike, classes: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return labels and predictions of the same images, both ``(n,)``."""
    y = checked_labels(labels, classes)
    guess = checked_labels(predictions, classes, "predictions")
    if len(y) != len(guess):
        raise ShapeError(
            f"expected as many predictions as labels, got {len(guess)} and {len(y)}; "
            "pass both for the same images"
        )
    return y, guess


def checked_pair(
    labels: ArrayLike, probabilities: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels ``(n,)`` and probabilities ``(n, k)`` of the same images."""
    p = checked_probabilities(probabilities)  # (n, k)
    y = checked_labels(labels, p.shape[1])  # (n,)
    if len(y) != len(p):
        raise ShapeError(
            f"expected as many labels as rows of probabilities, got {len(y)} labels and {len(p)} "
            "rows; pass both for the same images"
        )
    return y, p


def checked_finite(values: ArrayLike, what: str, *, at_least: int) -> NDArray[np.float64]:
    """Return numbers as float64 ``(n,)``: finite, at least ``at_least``."""
    array = np.asarray(values)
    if array.ndim != 1 or len(array) < at_least:
        raise ShapeError(f"{what}: expected at least {at_least} along one axis, got shape {array.shape}")
    if array.dtype.kind not in "fiu":
        raise DTypeError(f"{what}: expected numbers, got {array.dtype}; convert with .astype(np.float64)")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise RangeError(f"{what}: expected finite numbers, got NaN or infinity; remove missing values")
    return array


def checked_level(level: float, what: str = "level") -> float:
    """Return a number strictly between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise RangeError(f"{what}: expected a number between 0 and 1, got {level}; use 0.95 for 95 %")
    return level
