"""The confusion matrix, and metrics for each class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import DTypeError, RangeError, ShapeError
from tenfold.metrics.checks import checked_answers


class Imbalance(NamedTuple):
    """Differences between the recalls of the classes; see `imbalance`."""

    spread: float
    deviation: float
    penalised: float


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike, classes: int = 10) -> NDArray[np.int64]:
    """Count images by true class (row) and predicted class (column).

    Parameters
    ----------
    labels, predictions : integers (n,)
        The true and the predicted class of each image, in ``0 .. classes - 1``.
    classes : int
        Number of classes ``k``.

    Returns
    -------
    int64 (k, k)
        ``matrix[i, j]``: images of class ``i`` that were predicted as ``j``.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the arrays are not one-dimensional, equally long, integer and in range.

    Examples
    --------
    >>> confusion_matrix([0, 1, 1], [0, 1, 0], classes=2).tolist()
    [[1, 0], [1, 1]]
    """
    y, guess = checked_answers(labels, predictions, classes)
    counts = np.bincount(y * classes + guess, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def recall(matrix: ArrayLike) -> NDArray[np.float64]:
    """Return the recall of each class, ``(k,)``; NaN for a class without images.

    Examples
    --------
    >>> recall([[1, 0], [1, 1]]).tolist()
    [1.0, 0.5]
    """
    counts = _checked_matrix(matrix)
    return ratio(np.diagonal(counts), counts.sum(axis=1))


def precision(matrix: ArrayLike) -> NDArray[np.float64]:
    """Return the precision of each class, ``(k,)``; NaN for a class that was never predicted.

    Examples
    --------
    >>> precision([[1, 0], [1, 1]]).tolist()
    [0.5, 1.0]
    """
    counts = _checked_matrix(matrix)
    return ratio(np.diagonal(counts), counts.sum(axis=0))


def macro_recall(matrix: ArrayLike) -> float:
    """Return the mean recall of the classes that occur, whatever their frequency.

    Examples
    --------
    >>> macro_recall([[1, 0], [1, 1]])
    0.75
    """
    return float(np.nanmean(recall(matrix)))


def imbalance(matrix: ArrayLike) -> Imbalance:
    """Return three measures of the differences between classes.

    With ``r`` the recalls of the classes that occur:

    ``spread``
        ``max(r) - min(r)``: difference between the best and the worst class.
    ``deviation``
        Standard deviation of ``r`` (population, divisor the number of classes).
    ``penalised``
        ``mean(r) - deviation``: macro recall with a penalty for differences. It is 1 only without errors,
        equals macro recall if all recalls are equal, and can be negative for a predictor that always predicts
        one class.

    Parameters
    ----------
    matrix : integers (k, k)
        Confusion matrix, true class by predicted class.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the matrix is not square, integer, free of negatives and of at least one image.

    Examples
    --------
    >>> imbalance([[1, 0], [1, 1]])
    Imbalance(spread=0.5, deviation=0.25, penalised=0.5)
    """
    return imbalance_of(recall(matrix))


def imbalance_of(recalls: NDArray[np.float64]) -> Imbalance:
    """Return the same measures of recalls ``(k,)``; NaN is left out."""
    r = recalls[~np.isnan(recalls)]
    deviation = float(np.std(r))
    return Imbalance(float(np.max(r) - np.min(r)), deviation, float(np.mean(r)) - deviation)


def _checked_matrix(matrix: ArrayLike) -> NDArray[np.int64]:
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ShapeError(
            f"confusion matrix: expected (k, k), got shape {counts.shape}; use confusion_matrix()"
        )
    if counts.dtype.kind not in "iu":
        raise DTypeError(
            f"confusion matrix: expected integer counts, got {counts.dtype}; do not normalise it"
        )
    if counts.size == 0 or counts.min() < 0 or counts.sum() == 0:
        raise RangeError(
            "confusion matrix: expected counts from 0 of at least one image, got none or negative "
            "ones; use confusion_matrix()"
        )
    return counts.astype(np.int64)


def ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return ``part / whole``; NaN where ``whole`` is 0."""
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
