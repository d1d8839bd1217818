"""One network, trained or predicted with by everybody in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from contestant import PREDICT, TRAIN, Contestant
from entry import Event
from field import OURS, PYTORCH
from rounds import Spread, in_turn, ratio

WHOLE = {TRAIN: 60_000, PREDICT: 10_000}  # images that all seconds are scaled to
NEAR = 1.4  # a way of PyTorch's that is slower than its best by more than this is not timed further


@dataclass
class Timing:
    """What came of one network, one minibatch, and training or prediction.

    Attributes
    ----------
    what : str
        `TRAIN` or `PREDICT`.
    seconds : dict
        By contestant, of each round, scaled to 60,000 or 10,000 images; without those ways of PyTorch's
        that were far behind in the trial.
    contestants : dict
        By contestant: how many images were timed, how many at once, what was tried beforehand.
    missing : dict
        By library or contestant: why it did not take part.
    """

    network: str
    minibatch: int
    threads: int
    what: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    contestants: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def best(self, library: str) -> str | None:
        """Return which of a library's ways has the least median."""
        ways = [label for label in self.seconds if label.partition(", ")[0] == library]
        return min(ways, key=lambda label: median(self.seconds[label]), default=None)

    def spread(self, label: str) -> Spread:
        """Return the seconds of a contestant."""
        return Spread.over(self.seconds[label])

    def ratio(self, label: str) -> Spread:
        """Return their seconds over ours, round by round."""
        return ratio(self.seconds[label], self.seconds[OURS])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def race(event: Event, what: str, entered: list[Contestant], missing: dict[str, str], rounds: int) -> Timing:
    """Time everybody who can do it, in turn."""
    timing = Timing(event.network, event.minibatch, event.threads, what, missing=missing)
    able = [one for one in entered if what in one.trial]
    timing.contestants = {one.label: one.timed(what) for one in able}
    found = in_turn({one.label: turn(one, what) for one in fastest(able, what)}, rounds)
    for label, seconds in found.items():
        scale = WHOLE[what] / timing.contestants[label]["images"]
        timing.seconds[label] = [took * scale for took in seconds]
    return timing


def turn(one: Contestant, what: str) -> Callable[[int], float]:
    """Return what a contestant does in a round: train on an order of its own, or predict."""
    if what == TRAIN:
        return lambda number: one.train(one.train_images, seed=1 + number)
    return lambda number: one.predict(one.predict_images)


def fastest(entered: list[Contestant], what: str) -> list[Contestant]:
    """Return everybody but those ways of PyTorch's that were far behind its best in the trial."""
    pytorch = [one.trial[what] for one in entered if one.worker.name == PYTORCH]
    limit = NEAR * min(pytorch, default=0.0)
    return [one for one in entered if one.worker.name != PYTORCH or one.trial[what] <= limit]
