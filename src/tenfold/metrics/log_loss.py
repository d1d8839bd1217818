"""Mean loss: the cross-entropy in nats, from probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.metrics.checks import checked_pair

SMALLEST = float(np.finfo(np.float64).eps)  # 2.2e-16, so that the loss of one image is at most 36.04 nats


def true_probabilities(labels: ArrayLike, probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return the probability of the true class of each image, ``(n,)``."""
    y, p = checked_pair(labels, probabilities)
    return p[np.arange(len(y)), y]  # (n,)


def mean_loss(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean of ``-log(probability of the true class)``, in nats (the cross-entropy).

    A probability below 2.2e-16 counts as 2.2e-16 (36.04 nats), as in scikit-learn's ``log_loss``: a
    single probability of 0 for a true class, as nearest neighbours give it, would otherwise make the mean
    infinite. `ruled_out` counts such images.

    Parameters
    ----------
    labels : integers (n,)
        True classes.
    probabilities : floats (n, k)
        Rows sum to 1.

    Returns
    -------
    float
        In nats, at least 0; ``log(k)`` for a predictor that always gives equal probabilities.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the arrays differ in length, or the rows are not probabilities.

    Examples
    --------
    >>> round(mean_loss([0, 1], [[0.5, 0.5], [0.5, 0.5]]), 4)
    0.6931
    """
    p = np.maximum(true_probabilities(labels, probabilities), SMALLEST)
    loss = float(-np.mean(np.log(np.minimum(p, 1.0))))
    return loss + 0.0  # -0.0 becomes 0.0


def ruled_out(labels: ArrayLike, probabilities: ArrayLike) -> int:
    """Return the number of images with a probability below 2.2e-16 for the true class.

    Examples
    --------
    >>> ruled_out([0, 1], [[1.0, 0.0], [1.0, 0.0]])
    1
    """
    return int(np.count_nonzero(true_probabilities(labels, probabilities) < SMALLEST))
