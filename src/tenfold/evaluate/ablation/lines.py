"""An ablation as rows of a table, for the terminal and the page alike."""

from __future__ import annotations

from tenfold.evaluate.ablation.worth import Step, Worth
from tenfold.evaluate.wording import between, count, p_value, percent, points

HEADS = ("change", "runs", "accuracy", "worth", "over images", "over seeds", "p", "")
IMAGES = "trained on"


def heads(worth: Worth) -> tuple[str, ...]:
    """`HEADS`, with the number of training images behind the runs where that is not the same everywhere."""
    return HEADS if worth.equal_images else (*HEADS[:2], IMAGES, *HEADS[2:])


def worth_rows(worth: Worth) -> list[tuple[str, ...]]:
    """A row for each link, in the order of `heads`; differences are in points, p is Holm's."""
    rows = [(_row(step), count(step.train_images)) for step in worth.steps]
    return [row if worth.equal_images else (*row[:2], images, *row[2:]) for row, images in rows]


def _row(step: Step) -> tuple[str, ...]:
    one, pair = step.contender, step.pair
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
