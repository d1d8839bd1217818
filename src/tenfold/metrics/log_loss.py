"""Mean loss: the cross-entropy in nats, from probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.metrics.checks import checked_pair

SMALLEST = float(np.finfo(np.float64).eps)  # 2.2e-16, so that the loss of one image is at most 36.04 nats


def true_probabilities(labels: ArrayLike, probabilities: ArrayLike) -> NDArray[np.float64]:
    """Probability given to the true class of each image, ``(n,)``."""
    y, p = checked_pair(labels, probabilities)
    return p[np.arange(len(y)), y]  # (n,)


def mean_loss(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean of ``-log(probability of the true class)``, in nats (the softmax cross-entropy).

    A probability below 2.2e-16 counts as 2.2e-16 (36.04 nats), as in scikit-learn's ``log_loss``: a single
    true digit given probability 0, which nearest neighbours do, would otherwise make the mean infinite.
    `ruled_out` counts how often that happened, so that it can be reported with the figure.

    Parameters
    ----------
    labels : integers (n,)
        True classes.
    probabilities : floats (n, k)
        Rows add up to 1.

    Returns
    -------
    float
        Nats, from 0; ``log(k)`` for a predictor that knows nothing and says so.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the arrays do not fit together, or the rows are not probabilities.

    Examples
    --------
    >>> round(mean_loss([0, 1], [[0.5, 0.5], [0.5, 0.5]]), 4)
    0.6931
    """
    p = np.maximum(true_probabilities(labels, probabilities), SMALLEST)
    loss = float(-np.mean(np.log(np.minimum(p, 1.0))))
    return loss + 0.0  # -0.0 becomes 0.0


def ruled_out(labels: ArrayLike, probabilities: ArrayLike) -> int:
    """Number of images whose true class got a probability below 2.2e-16.

    Examples
    --------
    >>> ruled_out([0, 1], [[1.0, 0.0], [1.0, 0.0]])
    1
    """
    return int(np.count_nonzero(true_probabilities(labels, probabilities) < SMALLEST))
