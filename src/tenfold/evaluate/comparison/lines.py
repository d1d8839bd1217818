"""A comparison as lines for the terminal, in ASCII of our own so that any locale can show them."""

from __future__ import annotations

from tenfold.evaluate.comparison.pair import OverImages, OverSeeds, Pair
from tenfold.evaluate.comparison.verdict import verdict
from tenfold.evaluate.wording import chance_of, percent, plural, points


def pair_lines(pair: Pair, pairs: int = 1) -> list[str]:
    """Say what was found of two models; ``pairs`` is how many comparisons were made in all."""
    rows = {
        "accuracy": f"{percent(pair.accuracy_a, 3)} against {percent(pair.accuracy_b, 3)}, "
        f"difference {points(pair.difference)} points",
        "over images": over_images(pair.images),
        "over seeds": over_seeds(pair),
        "misread": _misread(pair),
        "15 left out": _left_out(pair.images),
        "together": None if pairs == 1 else f"Holm's p of {pairs} comparisons: {chance_of(pair.p_holm)}",
    }
    head = f"{pair.a} against {pair.b}: {verdict(pair)}"
    return [head, *(f"  {name:<12} {text}" for name, text in rows.items() if text is not None)]


def over_images(images: OverImages) -> str:
    """What the images say."""
    if images.interval is None:
        return f"McNemar's exact test, as if no error were shared: at most {chance_of(images.p)}"
    low, high = images.interval
    if len(images.tests) == 1:
        mid = f", mid-p {images.tests[0].mid_p:.3f}"
        return f"McNemar's exact test {chance_of(images.p)}{mid}; 95 % {points(low)} to {points(high)} points"
    each = [test.p for test in images.tests]
    return (
        f"McNemar's exact test over all seeds {chance_of(images.p)} (of single pairs {min(each):.2g} to "
        f"{max(each):.2g}); 95 % {points(low)} to {points(high)} points"
    )


def over_seeds(pair: Pair) -> str:
    """What the seeds say."""
    seeds = pair.seeds_test
    if seeds is None:
        return "nothing is random" if pair.certain else "one pair of runs says nothing about other seeds"
    return f"{plural(len(pair.seeds), 'pair')} {pair.how}: {_t(seeds)}; {_signs(pair, seeds)}"


def _t(seeds: OverSeeds) -> str:
    test = seeds.test
    if test.p is None:
        return "all differences are equal, no spread to judge by"
    low, high = test.interval
    return f"paired t {chance_of(test.p)}, 95 % {points(low)} to {points(high)} points"


def _signs(pair: Pair, seeds: OverSeeds) -> str:
    ahead, behind, p, _ = seeds.sign
    return f"{pair.a} ahead in {ahead}, {pair.b} in {behind}, sign test {chance_of(p)}"


def _misread(pair: Pair) -> str | None:
    if not pair.images.known:
        return None
    both, only_a, only_b = pair.images.shares
    mean = " (means over the pairs)" if len(pair.seeds) > 1 else ""
    return f"both {both:.4g} images, {pair.a} alone {only_a:.4g}, {pair.b} alone {only_b:.4g}{mean}"


def _left_out(images: OverImages) -> str | None:
    if images.without_doubtful is None:
        return None
    difference, p = images.without_doubtful
    return f"difference {points(difference)} points, {chance_of(p)} over images"
