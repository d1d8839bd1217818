"""Two models compared over the test images, for given runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold import metrics
from tenfold.evaluate.comparison.model_results import Result
from tenfold.evaluate.comparison.pairing import Pairing
from tenfold.metrics import Interval, McNemar


@dataclass(frozen=True)
class OverImages:
    """The comparison over the test images, for given runs.

    Attributes
    ----------
    p : float
        McNemar's test over all pairs of runs at once; exact with as many runs of each.
    interval : Interval
        95 % of the difference in accuracy, by bootstrap over the images.
    tests : tuple of McNemar
        Each pair of runs by itself.
    needed : int or None
        Images at which such a difference is seen with 80 % power; ``None`` for no difference.
    corrected, without_doubtful : tuple of float, or None
        Difference and p with the ten labels of MNIST corrected, and with the doubtful ones left out; ``None``
        on other images, or where it is not known which the corrected labels make wrong.
    """

    p: float
    interval: Interval
    tests: tuple[McNemar, ...]
    needed: int | None
    corrected: tuple[float, float] | None
    without_doubtful: tuple[float, float] | None

    @property
    def shares(self) -> tuple[float, float, float]:
        """Images that both, the first alone and the second alone misread: means over the pairs of runs."""
        counts = np.array([test[:3] for test in self.tests])  # (pairs, 3)
        both, only_a, only_b = counts.mean(axis=0)
        return float(both), float(only_a), float(only_b)


def over_images(found: Pairing, dataset: str, rng: np.random.Generator) -> OverImages:
    """Compare runs image by image.

    For each image, ``d`` is in how many pairs the second model alone misreads it, less in how many the first
    alone does. Seed with seed that is the sum of the second's errors less the first's; each with each, of
    ``n_a`` and ``n_b`` runs, ``d = n_a sum(wrong_b) - n_b sum(wrong_a)``, a whole number again, and every
    run counts the same. ``sum(d)`` over pairs and images is the difference in mean accuracy.

    Notes
    -----
    The null hypothesis is that the given runs are equally good on images like these, ``E d = 0``; the
    images are drawn independently of one another, and with them the ``d``.

    With as many runs of the one as of the other it says a little more, that the two may be exchanged: on each
    image ``d`` is as likely as ``-d``. Given the sizes ``|d|``, the signs are then coins' tosses, and
    `sign_flip_test`, which counts them all, is exact.

    With more runs of the one than of the other ``d`` is no longer symmetric: one run against five gives 5 or
    -1 where each errs once. But the tosses have the right mean, 0, and, as ``E d = 0``, the right variance,
    for that of ``sum(d)`` is ``n E d**2``, which ``sum(d**2)`` estimates. Both sums are nearly normal where
    some tens of images differ, so p is right except for an error from the skewness, which in a two-sided test
    is of the order of one over the number of images that differ (Romano 1990).

    Runs of one model may share their hard images: the test assumes only that the images are independent.

    References
    ----------
    J. P. Romano, "On the behavior of randomization tests without a group invariance assumption", Journal of
    the American Statistical Association 85 (1990), 686-692.
    """
    pairs = len(found.pairs)
    d = _differences(found, Result.flags)
    return OverImages(
        p=metrics.sign_flip_test(d),
        interval=metrics.bootstrap_interval(d / pairs, rng),
        tests=tuple(metrics.mcnemar(x.flags(), y.flags()) for x, y in found.pairs),
        needed=metrics.images_needed(d / pairs),
        corrected=_corrected(found),
        without_doubtful=_without_doubtful(d, pairs, dataset),
    )


def _differences(found: Pairing, flags: Callable[[Result], NDArray[np.bool_]]) -> NDArray[np.int64]:
    """For each image, pairs in which the second alone misreads it less those in which the first does."""
    first, second = (np.sum([flags(run) for run in side], axis=0) for side in zip(*found.pairs, strict=True))
    return np.asarray(second - first, dtype=np.int64)


def _corrected(found: Pairing) -> tuple[float, float] | None:
    if any(run.wrong_corrected is None for pair in found.pairs for run in pair):
        return None
    d = _differences(found, Result.flags_corrected)
    return float(np.mean(d)) / len(found.pairs), metrics.sign_flip_test(d)


def _without_doubtful(d: NDArray[np.int64], pairs: int, dataset: str) -> tuple[float, float] | None:
    keep = metrics.undoubted()
    if dataset != "mnist" or len(d) != len(keep):
        return None
    return float(np.mean(d[keep])) / pairs, metrics.sign_flip_test(d[keep])
