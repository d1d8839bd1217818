"""What is found of changes: by how many runs, of which of them, on how many images."""

from __future__ import annotations

import pytest

from tenfold.evaluate.ablation import Ablation, Link, Worth, worth
from tenfold.evaluate.ablation_page import ablation_document
from tenfold.evaluate.comparison import Contender, Result
from tenfold.zoo import entry

IMAGES = 1000


def runs(*errors: int, certain: bool = False) -> Contender:
    """A model with a run for each number of errors."""
    trials = tuple(
        Result(seed, IMAGES, 1 - n / IMAGES, None, None, 1.0, 0.1, tuple(range(n)))
        for seed, n in enumerate(errors)
    )
    return Contender("any", "honest", 100, "made-up", "ab", trials, certain)


def ablation(names: str, *, chain: bool = True) -> Ablation:
    places = [None, *(place if chain else 0 for place in range(len(names) - 1))]
    links = [Link(name, entry("nn1l"), False, place) for name, place in zip(names, places, strict=True)]
    return Ablation("What it takes", chain, tuple(links))


def findings(found: Worth) -> list[str]:
    return [step.finding for step in found.steps]


@pytest.mark.parametrize(
    ("first", "second", "finding", "said"),
    [
        (runs(100), runs(50), "one run only", "0 made it better, 0 worse; for 1 there is one run only."),
        (runs(100, 104), runs(50, 55), "better", "1 made it better, 0 worse; none is left undecided."),
        (runs(100, 104), runs(104, 100), "no evidence", "0 worse; for 1 there is no evidence."),
        (
            runs(100, certain=True),
            runs(50, certain=True),
            "better",
            "1 made it better, 0 worse; none is left undecided.",
        ),
    ],
)
def test_one_pair_of_runs_says_nothing_of_other_seeds(
    first: Contender, second: Contender, finding: str, said: str
) -> None:
    found = worth(ablation("ab"), [first, second])
    assert findings(found) == ["base", finding]
    assert "Of 1 change, " in ablation_document(found, "x")
    assert said in ablation_document(found, "x")
