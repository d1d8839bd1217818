"""The tests of a pair in tables."""

from __future__ import annotations

from collections.abc import Mapping

from tenfold.evaluate.comparison import Pair
from tenfold.evaluate.comparison.lines import mcnemar, over_seeds, t_name
from tenfold.evaluate.comparison_page.tables import wide_table
from tenfold.evaluate.page.markup import Child, Html, el
from tenfold.evaluate.page.tables import facts
from tenfold.evaluate.wording import about, between, chance_of, p_value, percent, points

MOST = 20  # pairs of runs that a table has room for


def evidence(pair: Pair, pairs: int) -> Html:
    """Every test, with its p and what it would take to see so small a difference."""
    rows: dict[str, Child] = {"difference": f"{points(pair.difference)} points"}
    rows |= _images(pair) | _seeds(pair)
    if pairs > 1:
        rows["together"] = f"{chance_of(pair.p_holm)} by Holm's method, of {pairs} comparisons"
    return facts("Is it more than chance?", rows)


def conventions(pair: Pair, first: Mapping[str, float | None], second: Mapping[str, float | None]) -> Html:
    """Both accuracies by the three ways to count doubtful labels."""
    images = pair.images
    others = {"corrected": images.corrected, "without_doubtful": images.without_doubtful}
    p = {"given": images.p} | {key: found and found[1] for key, found in others.items()}
    names = {"given": "as given", "corrected": "10 corrected", "without_doubtful": "15 left out"}
    rows = []
    for key, name in names.items():
        a, b = first[key], second[key]
        difference = points(a - b) if a is not None and b is not None else "-"
        cells = [percent(a, 3), percent(b, 3), difference, p_value(p[key])]
        rows.append([el("th", name, scope="row"), *(el("td", cell) for cell in cells)])
    caption = "By how the test labels are counted: means over all runs, and p over images"
    return wide_table(caption, ("Labels", pair.a, pair.b, "Points", "p"), rows)


def seeds_table(pair: Pair) -> Html | None:
    """McNemar's test of each pair of runs, unless they are too many."""
    if len(pair.seeds) > MOST:
        return None
    rows = []
    for (seed_a, seed_b), test in zip(pair.seeds, pair.images.tests, strict=True):
        seeds = str(seed_a) if seed_a == seed_b else f"{seed_a} – {seed_b}"
        cells = [str(n) for n in test[:3]] + [p_value(test.p), p_value(test.mid_p)]
        rows.append([el("th", seeds, scope="row"), *(el("td", cell) for cell in cells)])
    heads = ("Seed", "Both", f"{pair.a} alone", f"{pair.b} alone", "p", "mid-p")
    return wide_table("Images misread, and McNemar's exact test", heads, rows)


def _images(pair: Pair) -> dict[str, Child]:
    images = pair.images
    mid = f", mid-{chance_of(images.tests[0].mid_p)}" if len(images.tests) == 1 else ""
    return {
        "over images": f"{mcnemar(pair)}{mid}",
        "95 % interval": f"{between(images.interval)} points, by bootstrap over the images",
        "images needed": _needed(images.needed, "test images"),
    }


def _seeds(pair: Pair) -> dict[str, Child]:
    found = pair.seeds_test
    if found is None:
        return {"over seeds": over_seeds(pair)}
    test = found.test
    t = "no spread to judge by" if test.p is None else f"{chance_of(test.p)}, {t_name(found)}"
    sign = {}
    if found.sign is not None:
        ahead, behind, p, _ = found.sign
        sign["sign test"] = f"{chance_of(p)}: {pair.a} ahead in {ahead}, {pair.b} in {behind}"
    by = "" if found.interval is None else f" points, by {t_name(found)} over the seeds"
    return {
        "over seeds": f"{t} over {found.runs} {pair.how}",
        "95 % interval ": f"{between(found.interval)}{by}",
        **sign,
        "seeds needed": _needed(found.needed, "pairs of runs"),
    }


def _needed(number: int | None, what: str) -> str:
    if number is None:
        return "there is no difference to be seen"
    return f"about {about(number)} {what} to see such a difference in four of five tries"
