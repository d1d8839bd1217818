"""A comparison as lines for the terminal, in ASCII of our own so that any locale can show them."""

from __future__ import annotations

from tenfold.evaluate.comparison.over_images import OverImages
from tenfold.evaluate.comparison.over_seeds import OverSeeds
from tenfold.evaluate.comparison.pair import Pair
from tenfold.evaluate.comparison.pairing import BY_SEED
from tenfold.evaluate.comparison.verdict import verdict
from tenfold.evaluate.wording import between, chance_of, p_value, percent, points


def pair_lines(pair: Pair, pairs: int = 1) -> list[str]:
    """Say what was found of two models; ``pairs`` is how many comparisons were made in all."""
    images = pair.images
    rows = {
        "accuracy": f"{percent(pair.accuracy_a, 3)} against {percent(pair.accuracy_b, 3)}, "
        f"difference {points(pair.difference)} points",
        "protocol": " against ".join(pair.protocols) if len(set(pair.protocols)) > 1 else pair.protocols[0],
        "over images": f"{mcnemar(pair)}{_each(images)}; 95 % {between(images.interval)} points",
        "over seeds": over_seeds(pair),
        "misread": _misread(pair),
        "10 corrected": _otherwise(images.corrected),
        "15 left out": _otherwise(images.without_doubtful),
        "together": None if pairs == 1 else f"Holm's p of {pairs} comparisons: {chance_of(pair.p_holm)}",
    }
    head = f"{pair.a} against {pair.b}: {verdict(pair)}"
    return [head, *(f"  {name:<12} {text}" for name, text in rows.items() if text is not None)]


def mcnemar(pair: Pair) -> str:
    """What the images say; see `over_images` for when that is exact."""
    test = "McNemar's exact test" if pair.how == BY_SEED or len(pair.seeds) == 1 else "McNemar's test"
    several = "" if len(pair.seeds) == 1 else " over all seeds" if pair.how == BY_SEED else " over all runs"
    return f"{test}{several} {chance_of(pair.images.p)}"


def over_seeds(pair: Pair) -> str:
    """What the seeds say."""
    seeds = pair.seeds_test
    if seeds is not None:
        return f"{seeds.runs} {pair.how}: {_t(seeds)}{_signs(pair, seeds)}"
    if pair.deterministic:
        return "nothing is random"
    if len(pair.seeds) == 1:
        return "one pair of runs says nothing about other seeds"
    return f"one run of {pair.single[0]} says nothing about its other seeds"


def t_name(seeds: OverSeeds) -> str:
    """What the test over the seeds is called."""
    return "paired t" if seeds.sign is not None else "Welch's t"


def _t(seeds: OverSeeds) -> str:
    test = seeds.test
    if test.p is None:
        return "no variation between the runs to test with"
    spread = "" if seeds.interval is None else f", 95 % {between(seeds.interval)} points"
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
    """What the images say with the labels counted in another way."""
    return found and f"difference {points(found[0])} points, {chance_of(found[1])} over images"
