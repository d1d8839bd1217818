"""The tests of a pair in tables."""

from __future__ import annotations

from collections.abc import Mapping

from tenfold.evaluate.comparison import Pair
from tenfold.evaluate.comparison_page.tables import wide_table
from tenfold.evaluate.page.markup import Child, Html, el
from tenfold.evaluate.page.tables import facts
from tenfold.evaluate.wording import about, chance_of, percent, plural, points
from tenfold.metrics import Interval


def evidence(pair: Pair, pairs: int) -> Html:
    """Every test, with its p and what it would take to see so small a difference."""
    rows: dict[str, Child] = {"difference": f"{points(pair.difference)} points"}
    rows |= _images(pair) | _seeds(pair)
    if pairs > 1:
        rows["together"] = f"{chance_of(pair.p_holm)} by Holm's method, of {pairs} comparisons"
    return facts("Is it more than chance?", rows)


def conventions(pair: Pair, first: Mapping[str, float | None], second: Mapping[str, float | None]) -> Html:
    """Both accuracies by the three ways to count doubtful labels."""
    left_out = pair.images.without_doubtful
    p = {"given": pair.images.p, "corrected": None, "without_doubtful": left_out and left_out[1]}
    names = {"given": "as given", "corrected": "10 corrected", "without_doubtful": "15 left out"}
    rows = []
    for key, name in names.items():
        a, b = first[key], second[key]
        difference = points(a - b) if a is not None and b is not None else "-"
        chance = p[key]
        cells = [percent(a, 3), percent(b, 3), difference, "-" if chance is None else f"{chance:.2g}"]
        rows.append([el("th", name, scope="row"), *(el("td", cell) for cell in cells)])
    caption = "By how the test labels are counted: means over all runs, and p over images"
    return wide_table(caption, ("Labels", pair.a, pair.b, "Points", "p"), rows)


def seeds_table(pair: Pair) -> Html | None:
    """McNemar's test of each pair of runs, where it is known what they misread."""
    if not pair.images.known:
        return None
    rows = []
    for (seed_a, seed_b), test in zip(pair.seeds, pair.images.tests, strict=True):
        seeds = str(seed_a) if seed_a == seed_b else f"{seed_a} – {seed_b}"
        cells = [str(n) for n in test[:3]] + [f"{test.p:.2g}", f"{test.mid_p:.2g}"]
        rows.append([el("th", seeds, scope="row"), *(el("td", cell) for cell in cells)])
    heads = ("Seed", "Both", f"{pair.a} alone", f"{pair.b} alone", "p", "mid-p")
    return wide_table("Images misread, and McNemar's exact test", heads, rows)


def _images(pair: Pair) -> dict[str, Child]:
    images = pair.images
    if images.interval is None:
        bound = f"at most {chance_of(images.p)}: McNemar's exact test, as if the two had no error in common"
        return {"over images": bound, "misread images": "not kept"}
    several = " over all runs at once" if len(images.tests) > 1 else f", mid-p {images.tests[0].mid_p:.3f}"
    return {
        "over images": f"{chance_of(images.p)}, McNemar's exact test{several}",
        "95 % interval": f"{_range(images.interval)}, by bootstrap over the images",
        "images needed": _needed(images.needed, "test images"),
    }


def _seeds(pair: Pair) -> dict[str, Child]:
    found = pair.seeds_test
    if found is None:
        return {
            "over seeds": "nothing is random in either"
            if pair.certain
            else "one pair of runs: nothing is known"
        }
    ahead, behind, p, _ = found.sign
    test = found.test
    t = "no spread to judge by" if test.p is None else f"{chance_of(test.p)}, paired t"
    return {
        "over seeds": f"{t} over {plural(test.n, 'pair')} {pair.how}",
        "95 % interval ": f"{_range(test.interval)}, by Student's t over the seeds",
        "sign test": f"{chance_of(p)}: {pair.a} ahead in {ahead}, {pair.b} in {behind}",
        "seeds needed": _needed(found.needed, "pairs of runs"),
    }


def _needed(number: int | None, what: str) -> str:
    if number is None:
        return "there is no difference to be seen"
    return f"about {about(number)} {what} to see such a difference in four of five tries"


def _range(interval: Interval) -> str:
    return f"{points(interval.low)} to {points(interval.high)} points"
