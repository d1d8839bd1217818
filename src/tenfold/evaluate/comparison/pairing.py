"""Which trial of the one model stands against which of the other."""

from __future__ import annotations

from dataclasses import dataclass

from tenfold.evaluate.comparison.contender import Contender, Result

BY_SEED = "of the same seed"
IN_ORDER = "in the order of their seeds, which differ"
REPEATED = "with the one run of the model in which nothing is random"


@dataclass(frozen=True)
class Pairing:
    """Trials side by side, and by what rule; ``how`` is said to the reader."""

    pairs: tuple[tuple[Result, Result], ...]
    how: str


def pairing(a: Contender, b: Contender) -> Pairing:
    """Pair two models' trials: by seed where the one's seeds are among the other's, in order otherwise.

    The one trial of a model in which nothing is random stands against each of the other's.
    """
    if a.certain != b.certain:
        pairs = [
            (x, y) for x in a.trials[: 1 if a.certain else None] for y in b.trials[: 1 if b.certain else None]
        ]
        return Pairing(tuple(pairs), REPEATED)
    ours, theirs = ({trial.seed: trial for trial in one.trials} for one in (a, b))
    if ours.keys() <= theirs.keys() or theirs.keys() <= ours.keys():
        return Pairing(tuple((ours[s], theirs[s]) for s in sorted(ours.keys() & theirs.keys())), BY_SEED)
    return Pairing(tuple(zip(a.trials, b.trials, strict=False)), IN_ORDER)
