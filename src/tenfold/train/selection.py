"""The choice of the epoch whose weights a run ends with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tenfold.errors import ConfigError
from tenfold.optim import mean
from tenfold.quoting import quoted
from tenfold.train.callbacks import Callback, EarlyStopping, WindowStopping
from tenfold.train.executor import Weights
from tenfold.train.former_names import TODAY, with_monitors
from tenfold.train.history import EpochRow
from tenfold.train.monitors import score
from tenfold.train.recipe import Recipe


@dataclass(frozen=True)
class Candidate:
    """An epoch that may be chosen, the run's step count at its end, and its score: the smallest is best."""

    epoch: int
    step: int
    score: float


def rank(candidate: Candidate) -> tuple[float, int]:
    """Return the key that sorts candidates: the best first; of equals, the latest."""
    return candidate.score, -candidate.epoch


class Selection:
    """Keeps the epochs that may still be chosen, and their weights.

    Parameters
    ----------
    monitor : str
        The figure to choose by.
    window : int or None
        How many of the last epochs to choose from; None for all.
    restores : bool
        Whether the network gets the chosen weights at the end. If not, only the checkpoint of the best
        epoch is kept.
    averages : bool
        Whether the weights are the mean over the window instead, see `tenfold.optim.mean`.
    """

    def __init__(self, monitor: str, window: int | None, *, restores: bool, averages: bool = False) -> None:
        self.monitor, self.window = monitor, window
        self.restores, self.averages = restores, averages
        self.candidates: list[Candidate] = []
        self.weights: dict[int, Weights] = {}

    @classmethod
    def of(cls, recipe: Recipe, callbacks: Iterable[Callback], validated: bool) -> Selection:
        """Return the selection that a recipe and its callbacks ask for.

        Raises
        ------
        ConfigError
            If the rule needs validation images and there are none, or two rules contradict.
        """
        stoppers = [c for c in callbacks if isinstance(c, (EarlyStopping, WindowStopping)) and c.restore_best]
        if stoppers and recipe.choose != "last":
            raise ConfigError(
                f"choose={recipe.choose!r} and EarlyStopping with restore_best both choose the weights; "
                "set choose='last' or restore_best=False"
            )
        if stoppers:
            return cls(stoppers[0].monitor, stoppers[0].window, restores=True)
        if recipe.choose == "last":
            return cls("validation_accuracy" if validated else "train_accuracy", None, restores=False)
        if recipe.averages:
            monitor = "validation_accuracy" if validated else "train_accuracy"
            return cls(monitor, recipe.window(), restores=True, averages=True)
        if not validated:
            raise ConfigError(
                f"choose={recipe.choose!r} needs validation images, got none; pass some or set choose='last'"
            )
        return cls("validation_accuracy", recipe.window(), restores=True)

    def observe(self, row: EpochRow, step: int, weights: Weights) -> None:
        """Add the figures and weights of an epoch."""
        self.candidates = self.within_window([*self.candidates, self.candidate(row, step)], row.epoch)
        if self.window is None:
            self.candidates = [self.chosen()]
        if self.restores:
            kept = {candidate.epoch for candidate in self.candidates}
            self.weights = {e: w for e, w in {**self.weights, row.epoch: weights}.items() if e in kept}

    def candidate(self, row: EpochRow, step: int) -> Candidate:
        """Return an epoch as a candidate."""
        return Candidate(row.epoch, step, score(row, self.monitor))

    def within_window(self, candidates: Iterable[Candidate], epoch: int) -> list[Candidate]:
        """Return those that are recent enough to be chosen after ``epoch``."""
        first = 0 if self.window is None else epoch - self.window + 1
        return [candidate for candidate in candidates if candidate.epoch >= first]

    def chosen(self) -> Candidate:
        """Return the best candidate; of equals, the latest."""
        return min(self.candidates, key=rank)

    def mean(self) -> Weights:
        """Return the mean of the weights of all candidates."""
        kept = list(self.weights.values())
        return Weights(mean([one.params for one in kept]), mean([one.state for one in kept]))

    @property
    def pinned(self) -> set[tuple[int, int]]:
        """Return the positions (epoch, step) whose checkpoints must stay."""
        return {(candidate.epoch, candidate.step) for candidate in self.candidates}

    def to_json(self) -> dict[str, Any]:
        """Return the rule and the candidates; their weights are in their own epochs' checkpoints."""
        return {**self._rule(), "candidates": [asdict(candidate) for candidate in self.candidates]}

    def candidates_from(self, saved: Mapping[str, Any]) -> list[Candidate]:
        """Return the candidates that `to_json` gave.

        Raises
        ------
        ConfigError
            If they were chosen by another rule.
        KeyError, TypeError
            If they are something else.
        """
        rule = with_monitors({key: saved[key] for key in self._rule()}, TODAY)
        if rule != self._rule():
            raise ConfigError(
                f"the run chose its weights by {quoted(rule, 200)}, got {self._rule()}; "
                "resume with the callbacks it started with"
            )
        candidates = [Candidate(**candidate) for candidate in saved["candidates"]]
        for candidate in candidates:
            if not (isinstance(candidate.epoch, int) and isinstance(candidate.score, (int, float))):
                raise TypeError(f"{candidate}")
        return candidates

    def _rule(self) -> dict[str, Any]:
        return {"monitor": self.monitor, "window": self.window, "restores": self.restores}
