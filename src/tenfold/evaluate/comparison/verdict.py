"""A comparison in one plain sentence."""

from __future__ import annotations

from tenfold.evaluate.comparison.pair import Pair
from tenfold.evaluate.wording import about, percent

LEVEL = 0.05


def differs(pair: Pair) -> bool:
    """Whether the difference is significant, adjusted for the number of comparisons."""
    return pair.p_holm <= LEVEL


def verdict(pair: Pair) -> str:
    """Say which of the two is better, or how many images and seeds would show it."""
    a, b = errors(pair)
    if pair.difference == 0:
        return f"no difference: both {pair.misread} {a}"
    if not differs(pair):
        return f"no evidence of a difference (error rates {a} against {b}): {_needed(pair)}"
    better, other = (pair.a, b) if pair.difference > 0 else (pair.b, a)
    rate = a if pair.difference > 0 else b
    if pair.seeds_test is None and not pair.deterministic:
        runs = "this pair of runs" if len(pair.seeds) == 1 else "these runs"
        seeds = "other seeds" if len(pair.seeds) == 1 else f"other seeds of {pair.single[0]}"
        return f"{better} was better in {runs}: error rate {rate} against {other}; {seeds} may differ"
    return (
        f"{better} is better: {'it misreads' if pair.digits else 'it misclassifies'} {rate} against {other}"
    )


def errors(pair: Pair) -> tuple[str, str]:
    """Both error rates, with a third decimal where two do not tell them apart."""
    rates = 1 - pair.accuracy_a, 1 - pair.accuracy_b
    short = percent(rates[0]), percent(rates[1])
    return short if short[0] != short[1] else (percent(rates[0], 3), percent(rates[1], 3))


def _needed(pair: Pair) -> str:
    """The images or seeds needed, whichever were too few."""
    images, seeds = pair.images, pair.seeds_test
    if seeds is not None and seeds.test.p is None:
        return f"{seeds.runs} are too few to show how much seeds differ"
    parts = []
    if images.p > LEVEL and images.needed is not None:
        parts.append(f"{about(images.needed)} test images")
    if seeds is not None and seeds.test.p is not None and seeds.test.p > LEVEL and seeds.needed is not None:
        parts.append(f"{about(seeds.needed)} seeds")
    if not parts:
        return "not significant among so many comparisons"
    return f"about {' and '.join(parts)} are needed to confirm one this small"
