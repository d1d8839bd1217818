"""The tests of a pair as rows of tables."""

from __future__ import annotations

from tenfold.evaluate.comparison.compare import three_accuracies
from tenfold.evaluate.comparison.lines import mcnemar, over_seeds, t_name
from tenfold.evaluate.comparison.model_results import ModelResults
from tenfold.evaluate.comparison.pair import Pair
from tenfold.evaluate.wording import about, between, chance_of, p_value, percent, points

LABELS = {"given": "as given", "corrected": "10 corrected", "without_doubtful": "15 left out"}


def evidence(pair: Pair, pairs: int) -> dict[str, str]:
    """Return every test by its name, with its p and what it would take to see so small a difference."""
    rows = {"difference": f"{points(pair.difference)} points"} | _images(pair) | _seeds(pair)
    if pairs > 1:
        rows["together"] = f"{chance_of(pair.p_holm)} by Holm's method, of {pairs} comparisons"
    return rows


def label_rows(pair: Pair, a: ModelResults, b: ModelResults) -> list[tuple[str, ...]]:
    """Return both accuracies, their difference and p over images, by each way to count doubtful labels."""
    images, first, second = pair.images, three_accuracies(a), three_accuracies(b)
    others = {"corrected": images.corrected, "without_doubtful": images.without_doubtful}
    p = {"given": images.p} | {key: found and found[1] for key, found in others.items()}
    rows: list[tuple[str, ...]] = []
    for key, name in LABELS.items():
        one, other = first[key], second[key]
        difference = points(one - other) if one is not None and other is not None else "-"
        rows.append((name, percent(one, 3), percent(other, 3), difference, p_value(p[key])))
    return rows


def seed_rows(pair: Pair) -> list[tuple[str, ...]]:
    """Return McNemar's test of each pair of runs."""
    return [
        (
            str(seed_a) if seed_a == seed_b else f"{seed_a} – {seed_b}",
            *(str(n) for n in test[:3]),
            *(p_value(test.p), p_value(test.mid_p)),
        )
        for (seed_a, seed_b), test in zip(pair.seeds, pair.images.tests, strict=True)
    ]


def _images(pair: Pair) -> dict[str, str]:
    images = pair.images
    mid = f", mid-{chance_of(images.tests[0].mid_p)}" if len(images.tests) == 1 else ""
    return {
        "over images": f"{mcnemar(pair)}{mid}",
        "95 % interval": f"{between(images.interval)} points, by bootstrap over the images",
        "images needed": _needed(images.needed, "test images"),
    }


def _seeds(pair: Pair) -> dict[str, str]:
    found = pair.seeds_test
    if found is None:
        return {"over seeds": over_seeds(pair)}
    test = found.test
    t = "the runs do not vary" if test.p is None else f"{chance_of(test.p)}, {t_name(found)}"
    sign = {}
    if found.sign is not None:
        ahead, behind, p, _ = found.sign
        few = "; five pairs cannot give less than 0.06" if ahead + behind == 5 else ""
        sign["sign test"] = f"{chance_of(p)}: {pair.a} is better in {ahead}, {pair.b} in {behind}{few}"
    by = "" if found.interval is None else f" points, by {t_name(found)} over the seeds"
    return {
        "over seeds": f"{t} over {found.runs} {pair.how}",
        "95 % interval ": f"{between(found.interval)}{by}",
        **sign,
        "seeds needed": _needed(found.needed, "pairs of runs"),
    }


def _needed(number: int | None, what: str) -> str:
    if number is None:
        return "the two are equal"
    return f"about {about(number)} {what}, to find such a difference in four of five experiments"
