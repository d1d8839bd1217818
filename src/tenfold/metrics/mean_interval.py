"""Standard deviation between runs, and the confidence interval of their mean."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import mean, stdev

from tenfold.errors import RangeError
from tenfold.metrics.accuracy import Interval
from tenfold.metrics.checks import checked_level


def deviation(values: Sequence[float]) -> float | None:
    """Return the sample standard deviation between runs; None for a single run.

    The sum is exact, so the order of the runs does not matter.
    """
    return stdev(values) if len(values) > 1 else None


def mean_interval(values: Sequence[float], level: float = 0.95) -> Interval | None:
    """Return Student's t interval of the mean over runs; None for a single run.

    Parameters
    ----------
    values : sequence of float
        One value for each run; the runs are independent.
    level : float
        Confidence level, between 0 and 1.

    Raises
    ------
    RangeError
        If there are no values, one is not finite, or ``level`` is not between 0 and 1.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 6 (1908), 1-25.

    Examples
    --------
    >>> low, high = mean_interval([0.991, 0.992, 0.993])
    >>> round(low, 4), round(high, 4)
    (0.9895, 0.9945)
    """
    if not values or not all(isfinite(value) for value in values):
        raise RangeError(
            f"values: expected at least one finite number, got {list(values)}; remove the others"
        )
    checked_level(level)
    sd = deviation(values)
    if sd is None:
        return None
    from scipy.special import stdtrit  # Student's quantiles; scipy.stats would take a second to import

    n, middle = len(values), mean(values)
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * sd / sqrt(n)
    return Interval(middle - half, middle + half)
