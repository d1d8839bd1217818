"""Two models on the same test images: every figure of their comparison."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from tenfold import metrics
from tenfold.evaluate.comparison.contender import Contender, Result
from tenfold.evaluate.comparison.pairing import Pairing, pairing
from tenfold.metrics import Interval, McNemar, PairedT, SignTest


@dataclass(frozen=True)
class OverImages:
    """What the test images say, for the seeds at hand.

    Attributes
    ----------
    p : float
        McNemar's exact test, over all pairs of seeds at once. Where misread images were not kept, the
        largest that it could be.
    known : bool
        Whether the misread images of all trials are known; nothing below is, otherwise.
    interval : Interval or None
        95 % of the difference in accuracy, by bootstrap over the images.
    tests : tuple of McNemar
        Each pair of seeds by itself.
    needed : int or None
        Images at which such a difference is seen with 80 % power; ``None`` for no difference.
    without_doubtful : tuple of float, or None
        Difference and p with the doubtful labels of MNIST left out.
    """

    p: float
    known: bool
    interval: Interval | None = None
    tests: tuple[McNemar, ...] = ()
    needed: int | None = None
    without_doubtful: tuple[float, float] | None = None

    @property
    def shares(self) -> tuple[float, float, float]:
        """Images that both, the first alone and the second alone misread: means over the pairs of seeds."""
        counts = np.array([test[:3] for test in self.tests])  # (pairs, 3)
        both, only_a, only_b = counts.mean(axis=0)
        return float(both), float(only_a), float(only_b)


@dataclass(frozen=True)
class OverSeeds:
    """What the seeds say, for the test images at hand; only with two pairs or more.

    Attributes
    ----------
    test : PairedT
        Of the differences in accuracy.
    sign : SignTest
        How many pairs the first and the second won.
    needed : int or None
        Pairs of seeds at which such a difference is seen with 80 % power; ``None`` for no difference.
    """

    test: PairedT
    sign: SignTest
    needed: int | None


@dataclass(frozen=True)
class Pair:
    """Two models compared.

    Attributes
    ----------
    a, b : str
    how : str
        By what rule the trials are paired.
    seeds : tuple of (int, int)
        Of each pair of trials.
    accuracy_a, accuracy_b : float
        Means over these.
    difference : float
        The first less the second.
    images : OverImages
    seeds_test : OverSeeds or None
        ``None`` with one pair.
    certain : bool
        Whether nothing is random in either model, so that seeds do not come into it.
    p : float
        The larger of the two: a difference must be seen over images and over seeds.
    p_holm : float
        The same, raised for the number of pairs compared.
    """

    a: str
    b: str
    how: str
    seeds: tuple[tuple[int, int], ...]
    accuracy_a: float
    accuracy_b: float
    difference: float
    images: OverImages
    seeds_test: OverSeeds | None
    certain: bool
    p: float
    p_holm: float


def compare_pair(a: Contender, b: Contender, rng: np.random.Generator) -> Pair:
    """Compare two models; ``rng`` draws the bootstrap's test sets."""
    found = pairing(a, b)
    images, seeds = _over_images(found, a.dataset, rng), _over_seeds(found)
    p = images.p
    if seeds is not None:
        p = max(p, 1.0 if seeds.test.p is None else seeds.test.p)
    means = [fmean(trial.accuracy for trial in side) for side in zip(*found.pairs, strict=True)]
    return Pair(
        a=a.name,
        b=b.name,
        how=found.how,
        seeds=tuple((x.seed, y.seed) for x, y in found.pairs),
        accuracy_a=means[0],
        accuracy_b=means[1],
        difference=fmean(_differences(found)),
        images=images,
        seeds_test=seeds,
        certain=a.certain and b.certain,
        p=p,
        p_holm=p,
    )


def _differences(found: Pairing) -> list[float]:
    """First less second, worked out in whole images, so that equal differences are equal numbers."""
    return [(y.errors - x.errors) / x.images for x, y in found.pairs]


def _over_seeds(found: Pairing) -> OverSeeds | None:
    if len(found.pairs) < 2:
        return None
    differences = _differences(found)
    test = metrics.paired_t(differences)
    ahead, behind = (sum(sign * d > 0 for d in differences) for sign in (1, -1))
    return OverSeeds(test, metrics.sign_test(ahead, behind), metrics.seeds_needed(test.mean, test.sd))


def _over_images(found: Pairing, dataset: str, rng: np.random.Generator) -> OverImages:
    if any(trial.wrong is None for pair in found.pairs for trial in pair):
        return OverImages(max(_largest_p(*pair) for pair in found.pairs), known=False)
    flags = np.array([[trial.flags() for trial in pair] for pair in found.pairs])  # (pairs, 2, n)
    seeds = flags[:, 1].sum(axis=0) - flags[:, 0].sum(axis=0)  # (n,) how many more of the second misread it
    return OverImages(
        p=metrics.sign_flip_test(seeds),
        known=True,
        interval=metrics.bootstrap_interval(seeds / len(flags), rng),
        tests=tuple(metrics.mcnemar(x, y) for x, y in flags),
        needed=metrics.images_needed(seeds / len(flags)),
        without_doubtful=_without_doubtful(seeds, len(flags), dataset),
    )


def _largest_p(x: Result, y: Result) -> float:
    """McNemar's p if the two had no error in common: errors in common could only make it smaller."""
    return metrics.sign_test(x.errors, y.errors).p


def _without_doubtful(seeds: NDArray[np.int64], n: int, dataset: str) -> tuple[float, float] | None:
    keep = metrics.undoubted()
    if dataset != "mnist" or len(seeds) != len(keep):
        return None
    return float(np.mean(seeds[keep])) / n, metrics.sign_flip_test(seeds[keep])
