"""An ablation as rows of a table, for the terminal and the page alike."""

from __future__ import annotations

from tenfold.evaluate.ablation.worth import Step, Worth
from tenfold.evaluate.wording import between, p_value, percent, points

HEADS = ("change", "runs", "accuracy", "worth", "over images", "over seeds", "p", "")


def worth_rows(worth: Worth) -> list[tuple[str, ...]]:
    """A row for each link, in the order of `HEADS`; differences are in points, p is Holm's."""
    return [_row(step) for step in worth.steps]


def _row(step: Step) -> tuple[str, ...]:
    one, pair = step.contender, step.pair
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
