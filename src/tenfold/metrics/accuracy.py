"""How many are right, and how sure a finite test set lets us be of that."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tenfold.errors import RangeError
from tenfold.metrics.checks import checked_answers, checked_level


class Interval(NamedTuple):
    """A confidence interval: of an accuracy two fractions from 0 to 1, of a difference any two numbers."""

    low: float
    high: float


def accuracy(labels: ArrayLike, predictions: ArrayLike, classes: int = 10) -> float:
    """Fraction of predictions that equal the label.

    Parameters
    ----------
    labels, predictions : integers (n,)
        The true and the predicted class of each image.
    classes : int
        Number of classes; both arrays lie in ``0 .. classes - 1``.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the arrays are not flat, of one length, integer and in range.

    Examples
    --------
    >>> accuracy([4, 9, 9, 1], [4, 9, 4, 1])
    0.75
    """
    y, guess = checked_answers(labels, predictions, classes)
    return float(np.mean(y == guess))


def wilson_interval(correct: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval for a fraction seen ``correct`` times in ``n``.

    Unlike ``p +- 1.96 * sqrt(p * (1 - p) / n)`` it stays inside 0 to 1 and keeps its coverage near
    100 %, where digit recognisers live.

    Parameters
    ----------
    correct, n : int
        Number of correct predictions, and of all images.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        ``(low, high)``, fractions.

    Raises
    ------
    RangeError
        If ``n < 1``, ``correct`` is not in ``0 .. n`` or ``level`` is not between 0 and 1.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927), 209-212.

    Examples
    --------
    >>> low, high = wilson_interval(9926, 10_000)
    >>> round(low, 4), round(high, 4)
    (0.9907, 0.9941)
    """
    if n < 1 or not 0 <= correct <= n:
        raise RangeError(
            f"expected 0 <= correct <= n and n >= 1, got correct={correct}, n={n}; pass counts, not fractions"
        )
    z = NormalDist().inv_cdf(0.5 + checked_level(level) / 2)
    p = correct / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # The ends are exact in theory where nothing or everything is right; rounding must not spoil that.
    low = 0.0 if correct == 0 else centre - half
    high = 1.0 if correct == n else centre + half
    return Interval(low, high)
