"""What is found of changes: by how many runs, of which of them, on how many images."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tenfold.errors import DataError
from tenfold.evaluate.ablation import Ablation, AblationResult, Variant, effect_rows, effects, heads
from tenfold.evaluate.ablation.effects import HEADS
from tenfold.evaluate.ablation_page import ablation_document
from tenfold.evaluate.comparison import ModelResults, Result
from tenfold.zoo import entry

IMAGES = 1000


def runs(*errors: int, deterministic: bool = False) -> ModelResults:
    """A model with a run for each number of errors."""
    trials = tuple(
        Result(seed, IMAGES, 1 - n / IMAGES, None, None, 1.0, 0.1, tuple(range(n)))
        for seed, n in enumerate(errors)
    )
    return ModelResults("any", "honest", 100, "made-up", "ab", trials, deterministic)


def ablation(names: str, *, chain: bool = True) -> Ablation:
    places = [None, *(place if chain else 0 for place in range(len(names) - 1))]
    variants = [Variant(name, entry("nn1l"), False, place) for name, place in zip(names, places, strict=True)]
    return Ablation("What it takes", chain, tuple(variants))


def findings(found: AblationResult) -> list[str]:
    return [step.finding for step in found.steps]


@pytest.mark.parametrize(
    ("first", "second", "finding", "said"),
    [
        (runs(100), runs(50), "one run only", "0 made it better, 0 worse; for 1 there is one run only."),
        (runs(100, 104), runs(50, 55), "better", "1 made it better, 0 worse; none is left undecided."),
        (runs(100, 104), runs(104, 100), "no evidence", "0 worse; for 1 there is no evidence."),
        (
            runs(100, deterministic=True),
            runs(50, deterministic=True),
            "better",
            "1 made it better, 0 worse; none is left undecided.",
        ),
    ],
)
def test_one_pair_of_runs_says_nothing_of_other_seeds(
    first: ModelResults, second: ModelResults, finding: str, said: str
) -> None:
    found = effects(ablation("ab"), [first, second])
    assert findings(found) == ["base", finding]
    assert "Of 1 change, " in ablation_document(found, "x")
    assert said in ablation_document(found, "x")


@pytest.mark.parametrize(
    ("failed", "findings_", "differences", "notes"),
    [
        (
            "b",
            ["base", "failed", "better", "worse"],
            [0.04, -0.01],
            ["b failed: why", "c is compared with a"],
        ),
        (
            "bc",
            ["base", "failed", "failed", "better"],
            [0.03],
            ["b failed: why", "c failed: why", "d is compared with a"],
        ),
        ("a", ["failed", "base", "better", "worse"], [0.02, -0.01], ["a failed: why"]),
        ("d", ["base", "better", "better", "failed"], [0.02, 0.02], ["d failed: why"]),
    ],
)
def test_a_link_that_failed_leaves_the_others(
    failed: str, findings_: list[str], differences: list[float], notes: list[str]
) -> None:
    every = {"a": runs(100, 101, 102), "b": runs(82, 80, 81), "c": runs(61, 62, 60), "d": runs(72, 71, 70)}
    found = effects(ablation("abcd"), ["why" if name in failed else one for name, one in every.items()])
    assert findings(found) == findings_
    assert [s.pair.difference for s in found.steps if s.pair] == pytest.approx(differences)
    assert list(found.notes) == notes
    page = ablation_document(found, "x")
    assert all(note in page for note in notes)
    failures = sum(name in failed for name in "bcd")
    assert ("training failed" in page) == bool(failures)
    assert [len(row) for row in effect_rows(found)] == [len(HEADS)] * 4
    assert [step["failed"] for step in found.to_dict()["steps"]] == [
        "why" if name in failed else None for name in "abcd"
    ]


@pytest.mark.parametrize("found", [["why", runs(3), runs(4)], ["why", "why not", "why not"]])
def test_without_a_base_there_is_nothing_to_measure(found: list[ModelResults | str]) -> None:
    with pytest.raises(DataError, match="a: expected at least one trial, got none: why"):
        effects(ablation("abc", chain=False), found)


def test_a_base_alone_is_shown() -> None:
    assert findings(effects(ablation("ab"), [runs(3), "why"])) == ["base", "failed"]


def test_where_images_were_held_out_the_table_says_so() -> None:
    every = [runs(100, 101), runs(50, 55), "why"]
    same, other = (
        effects(ablation("abc"), every, images) for images in ([60_000] * 3, [60_000, 50_000, None])
    )
    assert heads(same) == HEADS
    assert heads(other) == (*HEADS[:2], "trained on", *HEADS[2:])
    assert [row[2] for row in effect_rows(other)] == ["60,000", "50,000", "-"]
    assert [len(row) for row in effect_rows(same)] == [len(HEADS)] * 3
    said = "Not all were trained on as many images"
    assert [said in ablation_document(found, "x") for found in (same, other)] == [False, True]
    assert [step["train_images"] for step in other.to_dict()["steps"]] == [60_000, 50_000, None]


def test_the_page_has_all_three_accuracies() -> None:
    one, two = runs(100, 101), runs(50, 55)
    judged = [replace(t, accuracy_corrected=0.97531, accuracy_without_doubtful=0.98642) for t in two.trials]
    page = ablation_document(effects(ablation("ab"), [one, replace(two, trials=tuple(judged))]), "x")
    found: list[dict[str, str]] = [{}, {}]
    for table in page.split("<table")[1:3]:  # the effects, and what else there is
        names = re.findall(r'<th scope="col">(.*?)</th>', table)
        for known, row in zip(found, table.split("<tr>")[2:4], strict=True):
            cells = re.findall(r"<td>(.*?)</td>", row)
            known |= zip(names[1:], (cell.replace("\xa0", " ") for cell in cells), strict=True)
    assert [row["Accuracy"] for row in found] == ["89.950 %", "94.750 %"]
    assert [(row["10 corrected"], row["15 left out"]) for row in found] == [
        ("-", "-"),
        ("97.531 %", "98.642 %"),
    ]
