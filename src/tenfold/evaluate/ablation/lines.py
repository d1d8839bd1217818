"""An ablation as rows of a table, for the terminal and the page alike."""

from __future__ import annotations

from tenfold.evaluate.ablation.effects import AblationResult, Step
from tenfold.evaluate.wording import between, count, p_value, percent, points, told

HEADS = ("change", "runs", "accuracy", "worth", "over images", "over seeds", "p", "")
IMAGES = "trained on"
PUBLISHED = "published"


def heads(result: AblationResult) -> tuple[str, ...]:
    """`HEADS`, and where there are such what authors report, and numbers of training images that differ."""
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
        between(pair.images.interval, 2),
        between(seeds, 2),
        p_value(pair.p_holm),
        step.finding,
    )
