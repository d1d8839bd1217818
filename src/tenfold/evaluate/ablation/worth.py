"""What each change of an ablation was worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tenfold import metrics
from tenfold.errors import ConfigError
from tenfold.evaluate.ablation.plan import Ablation
from tenfold.evaluate.comparison import Contender, Pair, differs, three_accuracies, verdict
from tenfold.evaluate.comparison.pair import compare_pair
from tenfold.evaluate.encoding import encode

ONE_RUN = "one run only"
"""What is found of a single pair of runs: other seeds may differ."""


@dataclass(frozen=True)
class Step:
    """A link with its trials, and how it compares with the one that it is measured against.

    Attributes
    ----------
    contender : Contender
        The trials, under the link's name.
    pair : Pair or None
        The link first, what it is measured against second, so that the difference is what the change was
        worth; ``None`` for the base.
    """

    contender: Contender
    pair: Pair | None

    @property
    def removed(self) -> float | None:
        """Share of the errors before that the change removed; negative where it added some."""
        if self.pair is None or self.pair.accuracy_b == 1:
            return None
        return self.pair.difference / (1 - self.pair.accuracy_b)

    @property
    def finding(self) -> str:
        """In a word or two: base, better, worse, no evidence, or that one run cannot tell."""
        if self.pair is None:
            return "base"
        if self.pair.seeds_test is None and not self.pair.certain:
            return ONE_RUN
        if not differs(self.pair) or self.pair.difference == 0:
            return "no evidence"
        return "better" if self.pair.difference > 0 else "worse"


@dataclass(frozen=True)
class Worth:
    """An ablation with all that was found."""

    ablation: Ablation
    steps: tuple[Step, ...]

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """The trials of every link."""
        return tuple(step.contender for step in self.steps)

    def to_dict(self) -> dict[str, Any]:
        """As plain dictionaries, lists and numbers."""
        return {
            "title": self.ablation.title,
            "chain": self.ablation.chain,
            "dataset": self.contenders[0].dataset,
            "steps": [_step(step) for step in self.steps],
        }


def worth(ablation: Ablation, contenders: Sequence[Contender], seed: int = 0) -> Worth:
    """Compare every link with the one that it is measured against; p is raised for their number.

    Parameters
    ----------
    ablation : Ablation
    contenders : sequence of Contender
        The trials of each link, in their order.
    seed : int
        Of the bootstrap's draws.

    Raises
    ------
    ConfigError
        If links were judged on different test images.
    """
    named = [replace(one, name=link.name) for link, one in zip(ablation.links, contenders, strict=True)]
    for one in named:
        if one.dataset_sha256 != named[0].dataset_sha256:
            raise ConfigError(
                f"{one.name}: expected trials on the data of {named[0].name} ({named[0].dataset}), got "
                f"others ({one.dataset}); run both on the same"
            )
    rng = np.random.default_rng(seed)
    pairs = [
        None if link.against is None else compare_pair(one, named[link.against], rng)
        for link, one in zip(ablation.links, named, strict=True)
    ]
    raised = iter(metrics.holm([pair.p for pair in pairs if pair is not None]))
    steps = [
        Step(one, None if pair is None else replace(pair, p_holm=float(next(raised))))
        for one, pair in zip(named, pairs, strict=True)
    ]
    return Worth(ablation, tuple(steps))


def _step(step: Step) -> dict[str, Any]:
    one, pair = step.contender, step.pair
    return {
        "name": one.name,
        "parameters": one.parameters,
        "seeds": [trial.seed for trial in one.trials],
        "accuracies": one.accuracies.tolist(),
        "accuracy": three_accuracies(one),
        "train_seconds": one.mean(lambda trial: trial.train_seconds),
        "finding": step.finding,
        "worth": None if pair is None else encode(pair) | {"verdict": verdict(pair), "removed": step.removed},
    }
