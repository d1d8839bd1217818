"""The lowest plausible accuracy of one run, and whether our mean reaches a published figure."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenfold.zoo.measured import Spread
    from tenfold.zoo.published import Published

TEST_IMAGES = 10_000
DEVIATIONS = 3.0
ROUNDING = 5 / TEST_IMAGES
"""A few images, on which other libraries' rounding may decide if nothing is random."""
ENOUGH_RUNS = 5
"""Published runs from which the spread between runs can be estimated."""
ENOUGH_SEEDS = 3
"""Our seeds whose mean can reach a published figure."""


def lowest_accepted(published: Published, *, deterministic: bool = False) -> float:
    """Return the accuracy that one run under the published protocol must reach, 0 to 1.

    ``mean - 3 sd sqrt(1 + 1/n)``: the published mean over n runs and our one run may differ by chance.
    ``sd`` is the standard deviation of the published runs; if fewer than five are published, the binomial
    one of 10,000 images is used. If the training is ``deterministic``, every run is the same, and may miss
    the published figure by a few images.
    """
    mean = published.accuracy
    if deterministic:
        return mean - ROUNDING
    return mean - DEVIATIONS * math.sqrt(1 + 1 / published.runs) * _deviation(published)


def gap_to_published(
    published: Published, accuracy: Spread, runs: int, *, deterministic: bool = False
) -> float:
    """Return by how much the mean of our runs misses the published figure; 0 if it does not.

    The bound is the published figure minus twice the standard error of our mean; for a single run, that is
    the binomial one of 10,000 images. If the training is ``deterministic``, the bound is a few images.
    """
    deviation = _binomial(accuracy.mean) if accuracy.sd is None else accuracy.sd
    below = ROUNDING if deterministic else 2 * deviation / math.sqrt(runs)
    return max(0.0, published.accuracy - below - accuracy.mean)


def reaches_published(
    published: Published, accuracy: Spread, runs: int, *, deterministic: bool = False
) -> bool:
    """Return whether the published figure is reached.

    That needs the mean of at least three runs, or a model in which nothing is random.
    """
    return (deterministic or runs >= ENOUGH_SEEDS) and not gap_to_published(
        published, accuracy, runs, deterministic=deterministic
    )


def _deviation(published: Published) -> float:
    """Return the standard deviation of one run."""
    if len(published.accuracies) >= ENOUGH_RUNS:
        return statistics.stdev(published.accuracies)
    return _binomial(published.accuracy)


def _binomial(accuracy: float) -> float:
    """Return the binomial standard deviation of an accuracy on the test images."""
    return math.sqrt(accuracy * (1 - accuracy) / TEST_IMAGES)
