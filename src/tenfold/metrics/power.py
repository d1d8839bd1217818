"""Power analysis: how many images or seeds are needed to detect a difference of this size."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from tenfold.errors import RangeError
from tenfold.metrics.checks import checked_finite, checked_level

MOST = 10**12
"""The largest result: more images or seeds than anyone has."""


def images_needed(differences: ArrayLike, *, power: float = 0.8, level: float = 0.95) -> int | None:
    """Return the test images that McNemar's test needs to detect this difference with probability ``power``.

    Parameters
    ----------
    differences : numbers (n,)
        One for each image: the fraction of the first predictor's seeds that misclassify it, minus that of
        the second; with one seed -1, 0 or 1.
    power : float
        Probability of detecting the difference with so many images.
    level : float
        One minus the probability of detecting a difference that does not exist.

    Returns
    -------
    int or None
        ``None`` if the difference is zero.

    Raises
    ------
    ShapeError, RangeError
        If there is no value, one is not finite, or ``power`` or ``level`` is not between 0 and 1.

    Notes
    -----
    ``n = (z_a sqrt(m) + z_b sqrt(m - d**2))**2 / d**2`` with ``d`` the mean and ``m`` the mean square of the
    differences; with one seed ``m`` is the fraction of images that exactly one predictor
    misclassifies.

    References
    ----------
    R. J. Connor, "Sample size for testing differences in proportions for the paired-sample design",
    Biometrics 43 (1987), 207-211.

    Examples
    --------
    >>> images_needed([1] * 30 + [-1] * 28 + [0] * 9_942)
    1138086
    """
    values = checked_finite(differences, "differences", at_least=1)
    normal = NormalDist()
    wanted = normal.inv_cdf(0.5 + checked_level(level) / 2), normal.inv_cdf(checked_level(power, "power"))
    mean, square = float(np.mean(values)), float(np.mean(values**2))
    if abs(mean) < 1e-12 * sqrt(square) or square == 0.0:  # zero, apart from rounding
        return None
    root = wanted[0] * sqrt(square) + wanted[1] * sqrt(max(square - mean**2, 0.0))
    return min(MOST, ceil(root**2 / mean**2))


def seeds_needed(mean: float, sd: float, *, power: float = 0.8, level: float = 0.95) -> int | None:
    """Return the pairs of runs that the paired t test needs to detect this mean difference.

    Parameters
    ----------
    mean, sd : float
        Of the differences between pairs.
    power, level : float
        As in `images_needed`.

    Returns
    -------
    int or None
        At least 2; ``None`` if the difference is zero.

    Raises
    ------
    RangeError
        If ``sd`` is negative, or ``power`` or ``level`` is not between 0 and 1.

    References
    ----------
    J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd edition, 1988, section 2.4.

    Examples
    --------
    >>> seeds_needed(0.5, 0.5)
    10
    """
    if sd < 0:
        raise RangeError(f"sd: expected a number from 0, got {sd}; pass the standard deviation")
    level, power = checked_level(level), checked_level(power, "power")
    if mean == 0:
        return None
    if sd == 0:
        return 2
    effect = abs(mean) / sd
    low, high = 1, 2  # too few, and enough after the loop
    while high < MOST and _t_power(effect, high, level) < power:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _t_power(effect, middle, level) >= power else (middle, high)
    return min(high, MOST)


def _t_power(effect: float, n: int, level: float) -> float:
    """Return the power of Student's two-sided test over ``n`` pairs for a mean of ``effect`` deviations."""
    from scipy.stats import nct, norm
    from scipy.stats import t as student

    bound, shift = float(student.ppf(0.5 + level / 2, n - 1)), effect * sqrt(n)
    if n > 1000:  # nearly normal, and much faster to compute
        return float(norm.sf(bound - shift) + norm.cdf(-bound - shift))
    return float(nct.sf(bound, n - 1, shift) + nct.cdf(-bound, n - 1, shift))
