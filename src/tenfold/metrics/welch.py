"""Two groups of runs that nothing pairs: do their means differ by more than chance?"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tenfold.metrics.accuracy import Interval
from tenfold.metrics.checks import checked_finite, checked_level


class WelchT(NamedTuple):
    """Difference of two means, and Welch's test that it is zero.

    Attributes
    ----------
    n_a, n_b : int
    mean : float
        Of the first group less that of the second.
    sd : float
        Of the difference between one run of each.
    interval : Interval
        Of the difference of the means.
    t, p : float or None
        ``None`` where neither group varies and the means differ: there is no variation to test this with.
    """

    n_a: int
    n_b: int
    mean: float
    sd: float
    interval: Interval
    t: float | None
    p: float | None


def welch_t(a: ArrayLike, b: ArrayLike, level: float = 0.95) -> WelchT:
    """Welch's test of the difference between the means of two independent groups.

    Neither their sizes nor their spreads need be equal.

    Parameters
    ----------
    a, b : floats (n_a,), (n_b,)
        At least two each.
    level : float
        Of the interval, between 0 and 1.

    Raises
    ------
    ShapeError, RangeError
        If there are fewer than two in a group, or they are not finite.

    References
    ----------
    B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
    involved", Biometrika 34 (1947), 28-35.

    Examples
    --------
    >>> found = welch_t([1.0, 2.0, 3.0], [4.0, 6.0])
    >>> found.mean, round(found.p, 3)
    (-3.0, 0.144)
    """
    from scipy.stats import t as student

    first, second = (checked_finite(x, name, at_least=2) for x, name in ((a, "a"), (b, "b")))
    level = checked_level(level)
    mean = float(np.mean(first)) - float(np.mean(second))
    # Equal numbers are equal: rounding in their mean must not give them a spread.
    variances = [0.0 if np.all(x == x[0]) else float(np.var(x, ddof=1)) for x in (first, second)]
    sd, squares = sqrt(sum(variances)), [v / len(x) for v, x in zip(variances, (first, second), strict=True)]
    error = sqrt(sum(squares))
    if error == 0:
        mean = float(first[0] - second[0])
        t, p = (0.0, 1.0) if mean == 0 else (None, None)
        return WelchT(len(first), len(second), mean, sd, Interval(mean, mean), t, p)
    degrees = error**4 / sum(s**2 / (len(x) - 1) for s, x in zip(squares, (first, second), strict=True))
    half = float(student.ppf(0.5 + level / 2, degrees)) * error
    found, t = Interval(mean - half, mean + half), mean / error
    return WelchT(len(first), len(second), mean, sd, found, t, float(2 * student.sf(abs(t), degrees)))
