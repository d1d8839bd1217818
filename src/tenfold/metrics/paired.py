"""Paired tests: two predictors on the same images, or with the same seeds."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import DTypeError, RangeError, ShapeError
from tenfold.metrics.accuracy import Interval
from tenfold.metrics.checks import checked_finite, checked_level


class SignTest(NamedTuple):
    """Counts of positive and negative differences, and the p value of the sign test.

    Attributes
    ----------
    plus, minus : int
    p : float
        Exact, two-sided.
    mid_p : float
        The mid-p value: it counts half the probability of the observed split, because the exact test is
        conservative for few differences.
    """

    plus: int
    minus: int
    p: float
    mid_p: float


class McNemar(NamedTuple):
    """Images that both predictors, or only one, misclassified, and the p values; see `mcnemar`."""

    both: int
    only_a: int
    only_b: int
    p: float
    mid_p: float


class PairedT(NamedTuple):
    """Mean and standard deviation of differences, and Student's t test of their mean.

    Attributes
    ----------
    n : int
    mean, sd : float
        ``sd`` is the sample standard deviation (divisor ``n - 1``).
    interval : Interval
        Confidence interval of the mean.
    t, p : float or None
        ``None`` if all differences are equal and not zero, because their deviation is 0.
    """

    n: int
    mean: float
    sd: float
    interval: Interval
    t: float | None
    p: float | None


def sign_test(plus: int, minus: int) -> SignTest:
    """Sign test: are positive and negative differences equally frequent? Zeros are left out.

    Parameters
    ----------
    plus, minus : int
        Numbers of differences above and below zero.

    Raises
    ------
    RangeError
        If a count is negative.

    References
    ----------
    W. J. Dixon, A. M. Mood, "The statistical sign test", Journal of the American Statistical Association 41
    (1946), 557-566.

    Examples
    --------
    >>> sign_test(5, 0).p
    0.0625
    """
    from scipy.stats import binom

    if plus < 0 or minus < 0:
        raise RangeError(
            f"expected counts from 0, got plus={plus}, minus={minus}; pass counts, not differences"
        )
    fewer, n = min(plus, minus), plus + minus
    twice_tail = 2.0 * float(binom.cdf(fewer, n, 0.5))
    return SignTest(plus, minus, min(1.0, twice_tail), twice_tail - float(binom.pmf(fewer, n, 0.5)))


def mcnemar(wrong_a: ArrayLike, wrong_b: ArrayLike) -> McNemar:
    """McNemar's exact test of two predictors on the same images.

    Only images that exactly one of them misclassifies count. If both are equally good, each such image is
    equally likely to be an error of either.

    Parameters
    ----------
    wrong_a, wrong_b : bool (n,)
        Which images each predictor misclassified.

    Raises
    ------
    ShapeError, DTypeError
        If they are not two one-dimensional arrays of bool of the same length.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947), 153-157. M. W. Fagerland, S. Lydersen, P. Laake, "The McNemar test for binary
    matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC Medical Research
    Methodology 13 (2013), 91.

    Examples
    --------
    >>> found = mcnemar([True, True, False, False], [True, False, False, False])
    >>> found.both, found.only_a, found.only_b, round(found.p, 3), round(found.mid_p, 3)
    (1, 1, 0, 1.0, 0.5)
    """
    a, b = _flags(wrong_a), _flags(wrong_b)
    if len(a) != len(b):
        raise ShapeError(
            f"expected the same number of images twice, got {len(a)} and {len(b)}; pass both for all images"
        )
    found = sign_test(int(np.count_nonzero(a & ~b)), int(np.count_nonzero(b & ~a)))
    return McNemar(int(np.count_nonzero(a & b)), *found)


def sign_flip_test(differences: ArrayLike) -> float:
    """Sign-flip permutation test: McNemar's exact test for several seeds.

    If two predictors are equally good, the sign of the difference on each image is random. All ``2**n``
    choices of signs are counted, by convolving the distributions of sums of equal sizes. With one seed the
    differences are -1, 0 and 1, and this is `mcnemar`.

    Parameters
    ----------
    differences : integers (n,)
        For each image, the number of seeds of the first predictor that misclassify it, minus that of the
        second.

    Returns
    -------
    float
        Two-sided p.

    Raises
    ------
    ShapeError, DTypeError
        If they are not integers along one axis.

    References
    ----------
    R. A. Fisher, "The design of experiments", 1935, section 21.

    Examples
    --------
    >>> sign_flip_test([2, 2, 1, 0])
    0.25
    """
    from scipy.stats import binom

    array = np.asarray(differences)
    if array.ndim != 1:
        raise ShapeError(
            f"differences: expected one axis (n,), got shape {array.shape}; pass one number for each image"
        )
    if array.dtype.kind not in "iu":
        raise DTypeError(
            f"differences: expected whole numbers of seeds, got {array.dtype}; do not divide them"
        )
    sizes = np.abs(array.astype(np.int64))
    chances = np.ones(1)  # probabilities of the sums -total ... total of the sizes so far
    for size, many in zip(*np.unique(sizes[sizes > 0], return_counts=True), strict=True):
        steps = np.zeros(2 * size * many + 1)
        steps[:: 2 * size] = binom.pmf(np.arange(many + 1), many, 0.5)
        chances = np.convolve(chances, steps)
    total = int(sizes.sum())
    at_least = total + abs(int(array.sum()))
    return min(1.0, 2.0 * float(chances[at_least:].sum())) if at_least > total else 1.0


def paired_t(differences: ArrayLike, level: float = 0.95) -> PairedT:
    """Student's test of the mean difference over pairs, such as runs from the same seed.

    Parameters
    ----------
    differences : floats (n,)
        At least two.
    level : float
        Confidence level, between 0 and 1.

    Raises
    ------
    ShapeError, RangeError
        If there are fewer than two, or they are not finite.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 6 (1908), 1-25.

    Examples
    --------
    >>> found = paired_t([0.1, 0.2, 0.3])
    >>> round(found.mean, 3), round(found.p, 3)
    (0.2, 0.074)
    """
    from scipy.stats import t as student

    values, level = checked_finite(differences, "differences", at_least=2), checked_level(level)
    n = len(values)
    # The mean of equal differences must not differ from them by rounding.
    alike = bool(np.all(values == values[0]))
    mean = float(values[0]) if alike else float(np.mean(values))
    sd = 0.0 if alike else float(np.std(values, ddof=1))
    error = sd / sqrt(n)
    half = float(student.ppf(0.5 + level / 2, n - 1)) * error
    interval = Interval(mean - half, mean + half)
    if alike:
        return PairedT(n, mean, sd, interval, *((0.0, 1.0) if mean == 0 else (None, None)))
    t = mean / error
    return PairedT(n, mean, sd, interval, t, float(2 * student.sf(abs(t), n - 1)))


def _flags(wrong: ArrayLike) -> NDArray[np.bool_]:
    array = np.asarray(wrong)
    if array.ndim != 1:
        raise ShapeError(f"expected one axis (n,), got shape {array.shape}; pass one flag for each image")
    if array.dtype != np.bool_:
        raise DTypeError(f"expected bool, got {array.dtype}; pass predictions != labels")
    return array
