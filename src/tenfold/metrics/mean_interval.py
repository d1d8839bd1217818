"""What several runs of one thing have in common, and how sure they let us be of their mean."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import mean, stdev

from tenfold.errors import RangeError
from tenfold.metrics.accuracy import Interval
from tenfold.metrics.checks import checked_level


def deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation between runs, with n - 1 under the root; None for a single run.

    Summed exactly: the order of the runs changes no bit.
    """
    return stdev(values) if len(values) > 1 else None


def mean_interval(values: Sequence[float], level: float = 0.95) -> Interval | None:
    """Student's t interval for the mean that many more runs would have; None for a single run.

    Parameters
    ----------
    values : sequence of float
        One figure for each run, independent of one another.
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
            f"values: expected at least one finite number, got {list(values)}; leave out the rest"
        )
    checked_level(level)
    sd = deviation(values)
    if sd is None:
        return None
    from scipy.special import stdtrit  # Student's quantiles; scipy.stats would take a second to import

    n, middle = len(values), mean(values)
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * sd / sqrt(n)
    return Interval(middle - half, middle + half)
