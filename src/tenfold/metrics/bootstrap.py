"""Bootstrap intervals: the effect of the choice of test images, by resampling the test set."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tenfold.errors import RangeError
from tenfold.metrics.accuracy import Interval
from tenfold.metrics.checks import checked_finite, checked_level

_CELLS = 2**20  # numbers in one block


def bootstrap_interval(
    values: ArrayLike, rng: np.random.Generator, *, resamples: int = 10_000, level: float = 0.95
) -> Interval:
    """Return the percentile interval of a mean over images, from resampled test sets.

    A resampled test set is as large as the original; each of its images is drawn from all of them. Images
    with equal values are drawn together by multinomial counts, which is equivalent and much faster.

    Parameters
    ----------
    values : numbers (n,)
        One for each image, such as the difference of two predictors' errors.
    rng : numpy.random.Generator
        The same state gives the same interval.
    resamples : int
        Number of resampled test sets.
    level : float
        Between 0 and 1.

    Returns
    -------
    Interval
        In the unit of the values.

    Raises
    ------
    ShapeError, RangeError
        If there is no value, one is not finite, ``resamples < 1``, or the level is not between 0 and 1.

    References
    ----------
    B. Efron, R. J. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.

    Examples
    --------
    >>> differences = [1] * 30 + [-1] * 10 + [0] * 9_960
    >>> low, high = bootstrap_interval(differences, np.random.default_rng(0))
    >>> round(low, 4), round(high, 4)
    (0.0008, 0.0032)
    """
    array, level = checked_finite(values, "values", at_least=1), checked_level(level)
    if resamples < 1:
        raise RangeError(f"resamples: expected at least 1, got {resamples}; 10,000 is usual")
    distinct, counts = np.unique(array, return_counts=True)  # (v,)
    block = max(1, _CELLS // len(distinct))
    means = np.concatenate(
        [
            rng.multinomial(len(array), counts / len(array), size=min(block, resamples - start)) @ distinct
            for start in range(0, resamples, block)
        ]
    ) / len(array)  # (resamples,)
    low, high = np.quantile(means, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high))
