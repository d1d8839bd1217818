"""How low the accuracy of one run may be before something must be wrong, and when a figure is reached."""

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
"""A few images, that other libraries' rounding may turn where nothing is random."""
ENOUGH_RUNS = 5
"""Published runs, one by one, that tell how far one run is from another."""
ENOUGH_SEEDS = 3
"""Seeds of ours whose mean may be said to reach a published figure."""


def lowest_accepted(published: Published, *, deterministic: bool = False) -> float:
    """Return the accuracy that one run under the published protocol must reach, 0 to 1.

    ``mean - 3 sd sqrt(1 + 1/n)``: the published mean over n runs and our one run may differ by chance,
    each with the standard deviation of one run. That is the published runs' own; where fewer than five
    are published, the binomial one of 10,000 images stands in.
    Where the training is ``deterministic``, every run is the same, on the same test images:
    it may miss the published figure by a few images.
    """
    mean = published.accuracy
    if deterministic:
        return mean - ROUNDING
    return mean - DEVIATIONS * math.sqrt(1 + 1 / published.runs) * _deviation(published)


def gap_to_published(
    published: Published, accuracy: Spread, runs: int, *, deterministic: bool = False
) -> float:
    """Return by how much the mean of our runs misses the published figure, 0 where it does not.

    It misses it where it is below the published figure less twice the standard error of our own mean. Of a
    single run that is the binomial one of 10,000 images. Where nothing in the training is random
    (``deterministic``), a few images take its place.
    """
    deviation = _binomial(accuracy.mean) if accuracy.sd is None else accuracy.sd
    below = ROUNDING if deterministic else 2 * deviation / math.sqrt(runs)
    return max(0.0, published.accuracy - below - accuracy.mean)


def reaches_published(
    published: Published, accuracy: Spread, runs: int, *, deterministic: bool = False
) -> bool:
    """Return whether the published figure is reached, and not only not missed by too few runs to tell.

    That takes the mean of at least three runs, or a model in which nothing is random.
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
    """Return the standard deviation that chance alone gives the accuracy on the test images."""
    return math.sqrt(accuracy * (1 - accuracy) / TEST_IMAGES)
