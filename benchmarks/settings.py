"""The settings of the benchmark: full, or quick for a check."""

from __future__ import annotations

from dataclasses import dataclass

from networks import NETWORKS


@dataclass(frozen=True)
class Settings:
    """The settings of one call of the benchmark.

    Attributes
    ----------
    networks : tuple of str
        Those that are timed; the others stand in the table as not timed.
    compared : tuple of str
        Those on which other libraries than PyTorch take part.
    compiled : bool
        Whether `torch.compile` takes part, which takes its time.
    rounds : int
    piece : float
        Seconds that one timed piece of work takes at most; where an epoch takes longer, it is a part.
    starts, singles : int
        How many starts of a process, and how many predictions of one image in a round.
    """

    networks: tuple[str, ...]
    compared: tuple[str, ...]
    compiled: bool
    rounds: int
    piece: float
    starts: int
    singles: int


FULL = Settings(
    networks=tuple(NETWORKS),
    compared=("nn1l", "nn2l", "nn3l", "lenet5", "cnn-dev"),
    compiled=True,
    rounds=5,
    piece=2.0,
    starts=5,
    singles=1000,
)
QUICK = Settings(
    networks=("nn2l", "lenet5", "scratch-09"),
    compared=("lenet5",),
    compiled=False,
    rounds=2,
    piece=0.3,
    starts=1,
    singles=200,
)
