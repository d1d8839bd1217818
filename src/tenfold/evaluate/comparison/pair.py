"""Two models on the same test images: every figure of their comparison."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

import numpy as np

from tenfold.evaluate.comparison.model_results import ModelResults
from tenfold.evaluate.comparison.over_images import OverImages, over_images
from tenfold.evaluate.comparison.over_seeds import OverSeeds, over_seeds
from tenfold.evaluate.comparison.pairing import pairing


@dataclass(frozen=True)
class Pair:
    """Two models compared.

    Attributes
    ----------
    a, b : str
    protocols : tuple of str
        Of each; "either" where nothing is chosen, so that both are the same.
    how : str
        The rule of the pairing.
    seeds : tuple of (int, int)
        Of each pair of runs.
    single : tuple of str
        Which of the models has one run alone, though others would differ.
    accuracy_a, accuracy_b : float
        Means over all runs.
    difference : float
        The first less the second.
    images : OverImages
    seeds_test : OverSeeds or None
        ``None`` where one of them has a single run.
    deterministic : bool
        Whether nothing is random in either model, so that seeds do not come into it.
    p : float
        The larger of the two: a difference must be seen over images and over seeds.
    p_holm : float
        The same, raised for the number of pairs compared.
    digits : bool
        Whether the images are digits, as far as is known: other images are not misread but misclassified.
    """

    a: str
    b: str
    protocols: tuple[str, str]
    how: str
    seeds: tuple[tuple[int, int], ...]
    single: tuple[str, ...]
    accuracy_a: float
    accuracy_b: float
    difference: float
    images: OverImages
    seeds_test: OverSeeds | None
    deterministic: bool
    p: float
    p_holm: float
    digits: bool = True

    @property
    def misread(self) -> str:
        """What a model did with an image when it was wrong."""
        return "misread" if self.digits else "misclassified"


def compare_pair(a: ModelResults, b: ModelResults, rng: np.random.Generator) -> Pair:
    """Compare two models; ``rng`` draws the bootstrap's test sets."""
    found = pairing(a, b)
    images, seeds = over_images(found, a.dataset, rng), over_seeds(a, b, found)
    p = images.p
    if seeds is not None:
        p = max(p, 1.0 if seeds.test.p is None else seeds.test.p)
    means = [fmean(run.accuracy for run in side) for side in zip(*found.pairs, strict=True)]
    return Pair(
        a=a.name,
        b=b.name,
        protocols=(a.choices_under, b.choices_under),
        how=found.how,
        seeds=tuple((x.seed, y.seed) for x, y in found.pairs),
        single=tuple(one.name for one in (a, b) if len(one.trials) == 1 and not one.deterministic),
        accuracy_a=means[0],
        accuracy_b=means[1],
        difference=fmean(found.differences()),
        images=images,
        seeds_test=seeds,
        deterministic=a.deterministic and b.deterministic,
        p=p,
        p_holm=p,
        digits=a.digits and b.digits,
    )
