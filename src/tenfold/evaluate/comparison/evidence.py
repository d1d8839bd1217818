"""The tests of a pair as rows of tables."""

from __future__ import annotations

from tenfold.evaluate.comparison.compare import three_accuracies
from tenfold.evaluate.comparison.model_results import ModelResults
from tenfold.evaluate.comparison.over_images import OverImages
from tenfold.evaluate.comparison.over_seeds import OverSeeds
from tenfold.evaluate.comparison.pair import Pair
from tenfold.evaluate.comparison.pairing import BY_SEED
from tenfold.evaluate.comparison.verdict import verdict
from tenfold.evaluate.wording import about, chance_of, p_value, percent, points, points_range

LABELS = {"given": "as given", "corrected": "10 corrected", "without_doubtful": "15 left out"}


def evidence(pair: Pair, pairs: int) -> dict[str, str]:
    """Return every test by its name, with its p, and the images and seeds needed to see such a difference."""
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
        if one is None and other is None:
            continue  # these are not MNIST's test images
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
        "95 % interval": f"{points_range(images.interval)} points, by bootstrap over the images",
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
        "95 % interval ": f"{points_range(found.interval)}{by}",
        **sign,
        "seeds needed": _needed(found.needed, "pairs of runs"),
    }


def _needed(number: int | None, what: str) -> str:
    if number is None:
        return "the two are equal"
    return f"about {about(number)} {what}, to find such a difference in four of five experiments"


def pair_lines(pair: Pair, pairs: int = 1) -> list[str]:
    """Return the comparison of two models as lines; ``pairs`` is the number of comparisons in total."""
    images = pair.images
    rows = {
        "accuracy": f"{percent(pair.accuracy_a, 3)} against {percent(pair.accuracy_b, 3)}, "
        f"difference {points(pair.difference)} points",
        "protocol": " against ".join(pair.protocols) if len(set(pair.protocols)) > 1 else pair.protocols[0],
        "over images": f"{mcnemar(pair)}{_each(images)}; 95 % {points_range(images.interval)} points",
        "over seeds": over_seeds(pair),
        pair.misread: _misread(pair),
        "10 corrected": _otherwise(images.corrected),
        "15 left out": _otherwise(images.without_doubtful),
        "together": None if pairs == 1 else f"Holm's p of {pairs} comparisons: {chance_of(pair.p_holm)}",
    }
    head = f"{pair.a} against {pair.b}: {verdict(pair)}"
    width = 12 if pair.digits else 13  # of the longest name
    return [head, *(f"  {name:<{width}} {text}" for name, text in rows.items() if text is not None)]


def mcnemar(pair: Pair) -> str:
    """The test over the images; see `over_images` for when it is exact."""
    test = "McNemar's exact test" if pair.how == BY_SEED or len(pair.seeds) == 1 else "McNemar's test"
    several = "" if len(pair.seeds) == 1 else " over all seeds" if pair.how == BY_SEED else " over all runs"
    return f"{test}{several} {chance_of(pair.images.p)}"


def over_seeds(pair: Pair) -> str:
    """The test over the seeds."""
    seeds = pair.seeds_test
    if seeds is not None:
        return f"{seeds.runs} {pair.how}: {_t(seeds)}{_signs(pair, seeds)}"
    if pair.deterministic:
        return "nothing is random"
    if len(pair.seeds) == 1:
        return "one pair of runs says nothing about other seeds"
    return f"one run of {pair.single[0]} says nothing about its other seeds"


def t_name(seeds: OverSeeds) -> str:
    """Name of the test over the seeds."""
    return "paired t" if seeds.sign is not None else "Welch's t"


def _t(seeds: OverSeeds) -> str:
    test = seeds.test
    if test.p is None:
        return "no variation between the runs to test with"
    spread = "" if seeds.interval is None else f", 95 % {points_range(seeds.interval)} points"
    return f"{t_name(seeds)} {chance_of(test.p)}{spread}"


def _signs(pair: Pair, seeds: OverSeeds) -> str:
    if seeds.sign is None:
        return ""
    ahead, behind, p, _ = seeds.sign
    return f"; {pair.a} ahead in {ahead}, {pair.b} in {behind}, sign test {chance_of(p)}"


def _each(images: OverImages) -> str:
    """Each pair of runs by itself."""
    if len(images.tests) == 1:
        return f", mid-{chance_of(images.tests[0].mid_p)}"
    each = [p_value(find(test.p for test in images.tests)) for find in (min, max)]
    return f" (of single pairs {' to '.join(dict.fromkeys(each))})"


def _misread(pair: Pair) -> str:
    both, only_a, only_b = pair.images.shares
    mean = " (means over the pairs)" if len(pair.seeds) > 1 else ""
    return f"both {both:.4g} images, {pair.a} alone {only_a:.4g}, {pair.b} alone {only_b:.4g}{mean}"


def _otherwise(found: tuple[float, float] | None) -> str | None:
    """The test over the images with the labels counted in another way."""
    return found and f"difference {points(found[0])} points, {chance_of(found[1])} over images"
