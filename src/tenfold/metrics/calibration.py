"""Calibration: of the predictions made with 90 % confidence, are 90 % right?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import RangeError
from tenfold.metrics.checks import checked_pair


@dataclass(frozen=True, eq=False)
class Reliability:
    """Predictions sorted into bins by confidence, the probability of the predicted class.

    Attributes
    ----------
    edges : float64 (bins + 1,)
        Ends of the bins, from 0 to 1; bin ``b`` holds ``edges[b] < confidence <= edges[b + 1]``.
    counts : int64 (bins,)
        Predictions in each bin.
    confidence, accuracy : float64 (bins,)
        Mean confidence and fraction right in each bin; NaN in an empty one.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def gaps(self) -> NDArray[np.float64]:
        """``|accuracy - confidence|`` of each bin, NaN in an empty one."""
        return np.abs(self.accuracy - self.confidence)

    @property
    def expected_error(self) -> float:
        """Expected calibration error: the mean gap, each bin weighted by its predictions; 0 to 1."""
        held = self.counts > 0
        return float(np.sum(self.gaps[held] * self.counts[held]) / np.sum(self.counts))

    @property
    def maximum_error(self) -> float:
        """Maximum calibration error: the widest gap of any bin that holds a prediction; 0 to 1."""
        return float(np.max(self.gaps[self.counts > 0]))


def reliability(labels: ArrayLike, probabilities: ArrayLike, bins: int = 15) -> Reliability:
    """Sort predictions into bins of equal width by their confidence.

    Parameters
    ----------
    labels : integers (n,)
        True classes.
    probabilities : floats (n, k)
        Rows add up to 1; the predicted class is the first of the most probable.
    bins : int
        Number of bins over 0 to 1.

    Returns
    -------
    Reliability
        With the expected and the maximum calibration error as properties.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the arrays do not fit together, the rows are not probabilities, or ``bins < 1``.

    References
    ----------
    C. Guo et al., "On calibration of modern neural networks", ICML 2017, section 2 (arXiv:1706.04599).

    Examples
    --------
    >>> sure = reliability([0, 1, 1, 1], [[0.1, 0.9]] * 4, bins=10)
    >>> round(sure.expected_error, 2), round(sure.maximum_error, 2)
    (0.15, 0.15)
    """
    if bins < 1:
        raise RangeError(f"bins: expected at least 1, got {bins}; 15 is usual")
    y, p = checked_pair(labels, probabilities)
    confidence = np.minimum(p.max(axis=1), 1.0)  # (n,)
    right = p.argmax(axis=1) == y  # (n,)
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges[1:-1], confidence, side="left")  # (n,)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 in an empty bin is the NaN that is meant
        mean_confidence = np.bincount(place, weights=confidence, minlength=bins) / counts
        fraction_right = np.bincount(place, weights=right, minlength=bins) / counts
    return Reliability(edges, counts.astype(np.int64), mean_confidence, fraction_right)
