"""Pairs of runs of two models."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from tenfold.evaluate.comparison.model_results import ModelResults, Result

BY_SEED = "of the same seed"
REPEATED = "with the one run of the model in which nothing is random"
CROSSED = "whose seeds differ"


@dataclass(frozen=True)
class Pairing:
    """Pairs of runs, and the rule in words."""

    pairs: tuple[tuple[Result, Result], ...]
    how: str

    def differences(self) -> list[float]:
        """First accuracy less second, worked out in whole images, so that equal ones are equal numbers."""
        return [(y.errors - x.errors) / x.images for x, y in self.pairs]


def pairing(a: ModelResults, b: ModelResults) -> Pairing:
    """Pair all runs of two models: by seed if the seeds are the same, otherwise every run with every run.

    The single run of a deterministic model is its run from every seed.
    """
    if a.deterministic or b.deterministic:
        first, second = (one.trials[: 1 if one.deterministic else None] for one in (a, b))
        return Pairing(
            tuple(product(first, second)), BY_SEED if a.deterministic and b.deterministic else REPEATED
        )
    pairs = tuple(zip(a.trials, b.trials, strict=False))
    if len(a.trials) == len(b.trials) and all(x.seed == y.seed for x, y in pairs):
        return Pairing(pairs, BY_SEED)
    return Pairing(tuple(product(a.trials, b.trials)), CROSSED)
