"""How many images, or seeds, it would take to see a difference of the size that was found."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from tenfold.errors import RangeError
from tenfold.metrics.checks import checked_finite, checked_level

MOST = 10**12
"""Where counting ends: more images or seeds than anyone has."""


def images_needed(differences: ArrayLike, *, power: float = 0.8, level: float = 0.95) -> int | None:
    """Test images at which McNemar's test would see a difference as large as this, in most test sets.

    Parameters
    ----------
    differences : numbers (n,)
        One for each image: the share of seeds of the one predictor that misread it less that of the other;
        with one seed -1, 0 or 1.
    power : float
        Share of test sets of the size returned in which the difference would be found.
    level : float
        One less the share of test sets in which a difference would be found where there is none.

    Returns
    -------
    int or None
        ``None`` where there is no difference to be found.

    Raises
    ------
    ShapeError, RangeError
        If there is no value, one is not finite, or ``power`` or ``level`` is not between 0 and 1.

    Notes
    -----
    ``n = (z_a sqrt(m) + z_b sqrt(m - d**2))**2 / d**2`` with ``d`` the mean and ``m`` the mean square of the
    differences; with one seed ``m`` is the share of images that one predictor alone misreads.

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
    if abs(mean) < 1e-12 * sqrt(square) or square == 0.0:  # what rounding leaves of zero
        return None
    root = wanted[0] * sqrt(square) + wanted[1] * sqrt(max(square - mean**2, 0.0))
    return min(MOST, ceil(root**2 / mean**2))


def seeds_needed(mean: float, sd: float, *, power: float = 0.8, level: float = 0.95) -> int | None:
    """Pairs of runs at which the paired t test would see such a mean difference, in most experiments.

    Parameters
    ----------
    mean, sd : float
        Of the differences between pairs.
    power, level : float
        As in `images_needed`.

    Returns
    -------
    int or None
        At least 2; ``None`` where there is no difference to be found.

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
    low, high = 1, 2  # too few, and enough once the loop has found that
    while high < MOST and _t_power(effect, high, level) < power:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _t_power(effect, middle, level) >= power else (middle, high)
    return min(high, MOST)


def _t_power(effect: float, n: int, level: float) -> float:
    """Chance that Student's two-sided test over ``n`` pairs finds a mean of so many standard deviations."""
    from scipy.stats import nct, norm
    from scipy.stats import t as student

    bound, shift = float(student.ppf(0.5 + level / 2, n - 1)), effect * sqrt(n)
    if n > 1000:  # the normal distribution by then, and far quicker
        return float(norm.sf(bound - shift) + norm.cdf(-bound - shift))
    return float(nct.sf(bound, n - 1, shift) + nct.cdf(-bound, n - 1, shift))
