"""The explanation of a row: each mark once, at the least cost; against trying every way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from tenfold.data import Candidate, Lattice
from tenfold.data.page.components import Box, Mark
from tenfold.predict import explanation
from tenfold.predict.explanation import explain
from tenfold.predict.part import Judged, Part

HIGH = 60


def candidate(first: int, last: int, high: int = HIGH) -> Candidate:
    """Marks of 30 x 60 pixels, 40 apart, from one place to another."""
    marks = tuple(Mark(Box(40 * i, 0, 40 * i + 30, high), (i + 1,), 500) for i in range(first, last))
    box = Mark.of(marks).box
    ink = np.full((box.height, box.width), 200, np.uint8)
    return Candidate(first, last, box, ink, np.zeros((28, 28), np.uint8), marks)


def judged(one: Candidate, digit: int, doubt: float) -> Judged:
    probabilities = np.full(10, 0.01)
    probabilities[digit] = 0.91
    return Judged(one, tuple(probabilities.tolist()), doubt)


def ways(parts: Sequence[Part], start: int, end: int) -> Iterator[tuple[Part, ...]]:
    """Every chain of parts from one node to another."""
    if start == end:
        yield ()
    for part in parts:
        if part.judged.candidate.first == start:
            for rest in ways(parts, part.judged.candidate.last, end):
                yield (part, *rest)


def cost(parts: Sequence[Part]) -> float:
    return sum(part.cost for part in parts)


def assert_each_mark_once(parts: Sequence[Part], count: int) -> None:
    candidates = [part.judged.candidate for part in parts]
    assert [one.first for one in candidates] == [0, *(one.last for one in candidates[:-1])]
    assert candidates[-1].last == count
    labels = [label for one in candidates for mark in one.marks for label in mark.labels]
    assert labels == list(range(1, count + 1))


@pytest.mark.parametrize("seed", range(60))
def test_the_path_is_the_cheapest_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 8))
    spans = [(i, j) for i in range(count) for j in range(i + 1, min(count, i + 4) + 1)]
    chosen = [(i, j) for i, j in spans if j == i + 1 or rng.random() < 0.6]
    rng.shuffle(chosen)
    candidates = [candidate(i, j) for i, j in chosen]
    parts = [Part(judged(one, 7, 0.1), "digit", "7", float(rng.exponential())) for one in candidates]
    lattice = Lattice(tuple(candidates), count, HIGH)
    found = explanation._path(lattice, parts)
    assert_each_mark_once(found, count)
    assert cost(found) == pytest.approx(min(map(cost, ways(parts, 0, count))))


@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_network_says_each_mark_is_explained_once(seed: int) -> None:
    """Marks of any height, from dots to strokes, and any doubt."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 8))
    highs = rng.choice([4, 12, 30, 60, 75], count)
    candidates = [candidate(i, i + 1, int(highs[i])) for i in range(count)]
    candidates += [candidate(i, i + 2, int(highs[i : i + 2].max())) for i in range(count - 1)]
    said = [judged(one, int(rng.integers(10)), float(rng.random())) for one in candidates]
    found = explain(Lattice(tuple(candidates), count, HIGH), said, 0.5)
    assert_each_mark_once(found, count)
    for part in found:
        assert part.kind in ("digit", "sign", "unknown", "speck")
        assert part.cost >= 0
        digit = part.kind == "digit"
        assert part.text == (str(part.judged.digit) if digit else part.text)
        assert not digit or part.judged.doubt <= 0.5
        assert (part.text == "") == (part.kind == "speck")


@pytest.mark.parametrize("doubt", [0.51, 0.7, 1.0])
def test_more_doubt_than_the_threshold_is_no_digit(doubt: float) -> None:
    one = candidate(0, 1)
    [part] = explain(Lattice((one,), 1, HIGH), [judged(one, 7, doubt)], 0.5)
    assert (part.kind, part.text) == ("unknown", "?")
    [part] = explain(Lattice((one,), 1, HIGH), [judged(one, 7, doubt)], doubt)
    assert (part.kind, part.text) == ("digit", "7")


def test_less_doubt_never_costs_more() -> None:
    one = candidate(0, 1)
    costs = [
        cost(explain(Lattice((one,), 1, HIGH), [judged(one, 7, doubt)], 0.5))
        for doubt in np.linspace(0, 1, 41)
    ]
    assert costs == sorted(costs)


def test_a_digit_costs_less_than_an_unknown_mark_and_two_more_than_one() -> None:
    marks = [candidate(0, 1), candidate(1, 2)]
    lattice = Lattice(tuple(marks), 2, HIGH)
    both, one, none = (
        cost(explain(lattice, [judged(m, 7, d) for m, d in zip(marks, doubts, strict=True)], 0.5))
        for doubts in ((0.1, 0.1), (0.1, 0.9), (0.9, 0.9))
    )
    assert both < one < none


def five_and(box: Box) -> list[Part]:
    """Explain 8s and a small 5, of which the network is sure with and without a mark to its right."""
    boxes = [Box(0, 0, 35, 60), Box(50, 22, 75, 58), box, Box(140, 0, 175, 60), Box(190, 0, 225, 60)]
    marks = [Mark(one, (i + 1,), one.pixels // 3) for i, one in enumerate(boxes)]
    cases = [
        (0, 1, 8, 0.01),
        (1, 2, 5, 0.01),
        (2, 3, 7, 0.99),
        (1, 3, 5, 0.01),
        (3, 4, 8, 0.01),
        (4, 5, 8, 0.01),
    ]
    every = []
    for first, last, digit, doubt in cases:
        own = tuple(marks[first:last])
        whole = Mark.of(own).box
        ink = np.zeros((whole.height, whole.width), np.uint8)
        for mark in own:  # a third of each box, so that no mark is solid
            part = Box(
                mark.box.left - whole.left,
                mark.box.top - whole.top,
                mark.box.right - whole.left,
                mark.box.bottom - whole.top,
            )
            ink[part.slices][:: 3 if mark.box.height > 9 else 1] = 255
        one = Candidate(first, last, whole, ink, np.zeros((28, 28), np.uint8), own)
        every.append(judged(one, digit, doubt))
    return explain(Lattice(tuple(one.candidate for one in every), 5, 60.0), every, 0.5)


@pytest.mark.parametrize("length", [30, 50])
def test_a_5_may_have_a_long_bar_of_its_own(length: int) -> None:
    """The bar lies high, to the right of the rest, and is longer than it."""
    parts = five_and(Box(73, 22, 73 + length, 28))
    assert [part.text for part in parts] == ["8", "5", "8", "8"]


@pytest.mark.parametrize(("box", "sign"), [((104, 52, 112, 64), ","), ((100, 40, 126, 46), "-")])
def test_a_low_mark_next_to_a_5_is_no_bar(box: tuple[int, int, int, int], sign: str) -> None:
    """A comma or a dash would make it as wide as a bar does."""
    assert [part.text for part in five_and(Box(*box))] == ["8", "5", sign, "8", "8"]
