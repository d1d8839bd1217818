"""Correction of p values for multiple comparisons."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import RangeError
from tenfold.metrics.checks import checked_finite


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust the p values of several tests by Holm's method, which controls the family-wise error rate.

    The smallest p is multiplied by the number of tests, the next by one less, and so on. No adjusted p is
    smaller than the one before it in that order, or larger than 1.

    Parameters
    ----------
    p : floats (n,)
        From 0 to 1.

    Returns
    -------
    float64 (n,)
        Adjusted p values, in the order given.

    Raises
    ------
    ShapeError, RangeError
        If there is none, or one does not lie between 0 and 1.

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    (1979), 65-70.

    Examples
    --------
    >>> holm([0.04, 0.01, 0.03]).tolist()
    [0.06, 0.03, 0.06]
    """
    values = checked_finite(p, "p", at_least=1)
    if values.min() < 0 or values.max() > 1:
        raise RangeError(
            f"p: expected numbers from 0 to 1, got {values.min()} to {values.max()}; pass p values"
        )
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * values[order]), 1.0)
    return adjusted
