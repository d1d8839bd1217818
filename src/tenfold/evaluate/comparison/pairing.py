"""Which run of the one model stands against which of the other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from tenfold.evaluate.comparison.model_results import ModelResults, Result

BY_SEED = "of the same seed"
REPEATED = "with the one run of the model in which nothing is random"
CROSSED = "whose seeds differ"


@dataclass(frozen=True)
class Pairing:
    """Runs side by side, and by what rule; ``how`` is said to the reader."""

    pairs: tuple[tuple[Result, Result], ...]
    how: str

    def differences(self) -> list[float]:
        """First accuracy less second, worked out in whole images, so that equal ones are equal numbers."""
        return [(y.errors - x.errors) / x.images for x, y in self.pairs]


def pairing(a: ModelResults, b: ModelResults) -> Pairing:
    """Pair the runs of two models, all of them: seed with seed where these are the same, else each with each.

    The one run of a model in which nothing is random is its run from any seed.
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
