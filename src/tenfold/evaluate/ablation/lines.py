"""An ablation as rows of a table, for the terminal and the page alike."""

from __future__ import annotations

from tenfold.evaluate.ablation.worth import Step, Worth
from tenfold.evaluate.wording import chance_of, percent, points
from tenfold.metrics import Interval

HEADS = ("change", "runs", "accuracy", "worth", "over images", "over seeds", "p", "")


def worth_rows(worth: Worth) -> list[tuple[str, ...]]:
    """A row for each link, in the order of `HEADS`; differences are in points, p is Holm's."""
    return [_row(step) for step in worth.steps]


def _row(step: Step) -> tuple[str, ...]:
    one, pair = step.contender, step.pair
    if one is None:
        return step.name, "0", *("-" for _ in HEADS[3:]), step.finding
    head = one.name, str(len(one.trials)), percent(float(one.accuracies.mean()), 3)
    if pair is None:
        return *head, "-", "-", "-", "-", step.finding
    seeds = None if pair.seeds_test is None else pair.seeds_test.test.interval
    return (
        *head,
        points(pair.difference),
        _range(pair.images.interval),
        _range(seeds),
        chance_of(pair.p_holm).removeprefix("p ").removeprefix("= "),
        step.finding,
    )


def _range(interval: Interval | None) -> str:
    return "-" if interval is None else f"{points(interval.low, 2)} to {points(interval.high, 2)}"
