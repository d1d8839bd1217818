"""Two models compared over seeds, for given test images."""

from __future__ import annotations

from dataclasses import dataclass

from tenfold import metrics
from tenfold.evaluate.comparison.model_results import ModelResults
from tenfold.evaluate.comparison.pairing import CROSSED, Pairing
from tenfold.evaluate.wording import plural
from tenfold.metrics import Interval, PairedT, SignTest, WelchT


@dataclass(frozen=True)
class OverSeeds:
    """The comparison over seeds, for given test images; it needs two runs of each random model.

    Attributes
    ----------
    test : PairedT or WelchT
        Of the differences in accuracy between the runs of pairs; of the difference of the means, where
        the seeds of the models differ.
    sign : SignTest or None
        How many pairs the first and the second won; ``None`` where the seeds differ.
    needed : int or None
        Pairs of runs of the same seeds at which such a difference is seen with 80 % power; ``None`` for no
        difference.
    """

    test: PairedT | WelchT
    sign: SignTest | None
    needed: int | None

    @property
    def runs(self) -> str:
        """How many were compared, in words."""
        if isinstance(self.test, WelchT):
            return f"{self.test.n_a} and {self.test.n_b} runs"
        return plural(self.test.n, "pair")

    @property
    def interval(self) -> Interval | None:
        """95 % of the difference in accuracy; ``None`` where it does not vary."""
        return self.test.interval if self.test.sd > 0 else None


def over_seeds(a: ModelResults, b: ModelResults, found: Pairing) -> OverSeeds | None:
    """Compare runs by their accuracies; None if one run says nothing about other seeds.

    The null hypothesis is that over many seeds both models would have the same mean accuracy on these images.
    Runs from the same seed have something in common, such as the images held out, and are taken pair by pair.
    Those from other seeds have not: they are two independent samples, which Welch's test compares with no
    assumption that they are as many or spread alike. Where only some seeds are the same, the pairs are given
    up for all the runs, which makes the test a little cautious.

    The runs needed are counted as pairs, whose differences vary as those of independent runs do.
    """
    if found.how == CROSSED:
        if min(len(a.trials), len(b.trials)) < 2:
            return None
        first, second = ([-run.errors / run.images for run in one.trials] for one in (a, b))
        welch = metrics.welch_t(first, second)
        return OverSeeds(welch, None, metrics.seeds_needed(welch.mean, welch.sd))
    if len(found.pairs) < 2:
        return None
    differences = found.differences()
    test = metrics.paired_t(differences)
    ahead, behind = (sum(sign * d > 0 for d in differences) for sign in (1, -1))
    return OverSeeds(test, metrics.sign_test(ahead, behind), metrics.seeds_needed(test.mean, test.sd))
