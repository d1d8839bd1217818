"""The effect of each change of an ablation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tenfold import metrics
from tenfold.errors import ConfigError, DataError
from tenfold.evaluate.ablation.plan import Ablation
from tenfold.evaluate.comparison import ModelResults, Pair, differs, three_accuracies
from tenfold.evaluate.comparison.compare import pair_record
from tenfold.evaluate.comparison.pair import compare_pair
from tenfold.evaluate.wording import count, p_value, percent, points, points_range, told

ONE_RUN = "one run only"
"""The finding for a single pair of runs: other seeds may differ."""

HEADS = ("change", "runs", "accuracy", "effect", "over images", "over seeds", "p", "")
IMAGES = "trained on"
PUBLISHED = "published"


@dataclass(frozen=True)
class Step:
    """A variant with its trials, and its comparison with its reference.

    Attributes
    ----------
    name : str
        The variant's.
    results : ModelResults or None
        The trials; ``None`` where all of them failed.
    pair : Pair or None
        The variant and the one it is compared with, so that the difference is the effect of the change;
        ``None`` for the base, and if either of them failed.
    failed : str or None
        Why there are no trials.
    instead : str or None
        The reference, if the planned one failed.
    train_images : int or None
        How many images it was trained on, if that is known; fewer if some were left out for choices.
    """

    name: str
    results: ModelResults | None
    pair: Pair | None = None
    failed: str | None = None
    instead: str | None = None
    train_images: int | None = None

    @property
    def removed(self) -> float | None:
        """Share of the errors before that the change removed; negative where it added some."""
        if self.pair is None or self.pair.accuracy_b == 1:
            return None
        return self.pair.difference / (1 - self.pair.accuracy_b)

    @property
    def finding(self) -> str:
        """In a word or two: base, better, worse, no evidence, failed, or that one run cannot tell."""
        if self.results is None:
            return "failed"
        if self.pair is None:
            return "base"
        if self.pair.seeds_test is None and not self.pair.deterministic:
            return ONE_RUN
        if not differs(self.pair) or self.pair.difference == 0:
            return "no evidence"
        return "better" if self.pair.difference > 0 else "worse"

    @property
    def note(self) -> str | None:
        """A limit of the step in one line."""
        if self.results is None:
            return f"{self.name} failed: {self.failed}"
        return None if self.instead is None else f"{self.name} is compared with {self.instead}"


@dataclass(frozen=True)
class AblationResult:
    """An ablation with its findings."""

    ablation: Ablation
    steps: tuple[Step, ...]

    @property
    def models(self) -> tuple[ModelResults, ...]:
        """The trials of every variant that has some."""
        return tuple(step.results for step in self.steps if step.results is not None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What failed, and which comparisons changed because of it."""
        return tuple(step.note for step in self.steps if step.note is not None)

    @property
    def equal_images(self) -> bool:
        """Whether all were trained on as many images, as far as that is known."""
        known = {step.train_images for step in self.steps if step.results is not None} - {None}
        return len(known) <= 1

    def to_dict(self) -> dict[str, Any]:
        """As plain dictionaries, lists and numbers."""
        return {
            "title": self.ablation.title,
            "chain": self.ablation.chain,
            "source": self.ablation.source,
            "dataset": self.models[0].dataset,
            "steps": [
                {"published": variant.published, **_step(step)}
                for step, variant in zip(self.steps, self.ablation.variants, strict=True)
            ],
        }


def effects(
    ablation: Ablation,
    found: Sequence[ModelResults | str],
    train_images: Sequence[int | None] | None = None,
    seed: int = 0,
) -> AblationResult:
    """Compare every variant with its reference; p is adjusted for their number.

    Parameters
    ----------
    ablation : Ablation
    found : sequence of ModelResults or str
        The trials of each variant, in their order; the reason for one that failed. A variant
        to be compared with it is compared with the last before it that did not fail.
    train_images : sequence of int or None, optional
        How many images each variant was trained on.
    seed : int
        Of the bootstrap's draws.

    Raises
    ------
    ConfigError
        If variants were evaluated on different test images.
    DataError
        If all of them failed, or the base that all others are measured against.
    """
    variants = ablation.variants
    named = [
        None if isinstance(one, str) else replace(one, name=variant.name)
        for variant, one in zip(variants, found, strict=True)
    ]
    _check(ablation, named, found)
    rng = np.random.default_rng(seed)
    steps = []
    for place, (variant, one) in enumerate(zip(variants, named, strict=True)):
        against = _against(ablation, named, place)
        before = None if against is None else named[against]
        steps.append(
            Step(
                name=variant.name,
                results=one,
                pair=None if one is None or before is None else compare_pair(one, before, rng),
                failed=str(found[place]) if one is None else None,
                instead=None if before is None or against == variant.against else before.name,
                train_images=None if train_images is None else train_images[place],
            )
        )
    every = [step.pair.p for step in steps if step.pair is not None]
    raised = iter(metrics.holm(every) if every else ())
    return AblationResult(ablation, tuple(_raised(step, raised) for step in steps))


def _check(ablation: Ablation, named: Sequence[ModelResults | None], found: Sequence[object]) -> None:
    there = [one for one in named if one is not None]
    if not there or (named[0] is None and not ablation.chain):
        raise DataError(f"{ablation.variants[0].name}: expected at least one trial, got none: {found[0]}")
    for one in there:
        if one.dataset_sha256 != there[0].dataset_sha256:
            raise ConfigError(
                f"{one.name}: expected trials on the data of {there[0].name} ({there[0].dataset}), got "
                f"others ({one.dataset}); run both on the same"
            )


def _against(ablation: Ablation, named: Sequence[ModelResults | None], place: int) -> int | None:
    """The reference of a variant; one without trials is replaced by its own reference."""
    against = ablation.variants[place].against
    while against is not None and named[against] is None:
        against = ablation.variants[against].against
    return against


def _raised(step: Step, raised: Iterator[Any]) -> Step:
    return step if step.pair is None else replace(step, pair=replace(step.pair, p_holm=float(next(raised))))


def _step(step: Step) -> dict[str, Any]:
    one, pair = step.results, step.pair
    told = None if pair is None else pair_record(pair) | {"removed": step.removed}
    return {
        "name": step.name,
        "parameters": None if one is None else one.parameters,
        "seeds": [] if one is None else [trial.seed for trial in one.trials],
        "accuracies": [] if one is None else one.accuracies.tolist(),
        "accuracy": None if one is None else three_accuracies(one),
        "train_images": step.train_images,
        "train_seconds": None if one is None else one.mean(lambda trial: trial.train_seconds),
        "finding": step.finding,
        "failed": step.failed,
        "worth": told,
    }


def heads(result: AblationResult) -> tuple[str, ...]:
    """`HEADS`, with published accuracies if there are any, and numbers of training images if they differ."""
    every = (*HEADS[:3], PUBLISHED, *HEADS[3:]) if result.ablation.is_published else HEADS
    return every if result.equal_images else (*every[:2], IMAGES, *every[2:])


def effect_rows(result: AblationResult) -> list[tuple[str, ...]]:
    """A row for each variant, in the order of `heads`; differences are in points, p is Holm's."""
    rows = []
    for step, variant in zip(result.steps, result.ablation.variants, strict=True):
        row = _row(step)
        if result.ablation.is_published:
            row = (*row[:3], told(variant.published), *row[3:])
        rows.append(row if result.equal_images else (*row[:2], count(step.train_images), *row[2:]))
    return rows


def _row(step: Step) -> tuple[str, ...]:
    one, pair = step.results, step.pair
    if one is None:
        return step.name, "0", *("-" for _ in HEADS[3:]), step.finding
    head = one.name, str(len(one.trials)), percent(float(one.accuracies.mean()), 3)
    if pair is None:
        return *head, "-", "-", "-", "-", step.finding
    seeds = None if pair.seeds_test is None else pair.seeds_test.interval
    return (
        *head,
        points(pair.difference),
        points_range(pair.images.interval, 2),
        points_range(seeds, 2),
        p_value(pair.p_holm),
        step.finding,
    )
