"""How low the accuracy of one run may be before something must be wrong."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenfold.zoo.entry import Published
    from tenfold.zoo.measured import Spread

TEST_IMAGES = 10_000
DEVIATIONS = 3.0
ROUNDING = 5 / TEST_IMAGES
"""A few images, that other libraries' rounding may turn where nothing is random."""
ENOUGH_RUNS = 5
# The mean range of n normal numbers, in standard deviations (d2 in tables for control charts).
_MEAN_RANGE = {5: 2.326, 6: 2.534, 7: 2.704, 8: 2.847, 9: 2.970, 10: 3.078}


def lowest_accepted(published: Published, *, certain: bool = False) -> float:
    """Return the accuracy that one run under the published protocol must reach, 0 to 1.

    ``mean - 3 sd sqrt(1 + 1/n)``: the published mean over n runs and our one run may differ by chance,
    each with the standard deviation of one run. That is the published runs' own, or the one that their
    range tells; where fewer than five runs are published, the binomial one of 10,000 images stands in.
    Where nothing in the training is random (``certain``) every run is the same, on the same test images:
    it may miss the published figure by a few images.
    """
    mean = published.mean
    if certain:
        return mean - ROUNDING
    return mean - DEVIATIONS * math.sqrt(1 + 1 / published.runs) * _deviation(published, mean)


def missing(published: Published, accuracy: Spread, runs: int) -> float:
    """Return by how much the mean of our runs misses the published mean, 0 where it is reached.

    Reached means: at or above the published mean less twice the standard error of our own mean. Where
    there is a single run, the binomial deviation of 10,000 images stands in for that between runs.
    """
    deviation = _binomial(accuracy.mean) if accuracy.sd is None else accuracy.sd
    lowest = published.mean - 2 * deviation / math.sqrt(runs)
    return max(0.0, lowest - accuracy.mean)


def _deviation(published: Published, mean: float) -> float:
    """Return the standard deviation of one run."""
    if len(published.accuracies) >= ENOUGH_RUNS:
        return statistics.stdev(published.accuracies)
    if published.runs in _MEAN_RANGE:
        return (published.high - published.low) / _MEAN_RANGE[published.runs]
    return _binomial(mean)


def _binomial(accuracy: float) -> float:
    """Return the standard deviation that chance alone gives the accuracy on the test images."""
    return math.sqrt(accuracy * (1 - accuracy) / TEST_IMAGES)
