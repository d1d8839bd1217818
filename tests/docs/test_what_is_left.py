"""docs/what-is-left.md is made from the record, and from nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

from tenfold.metrics import CORRECTED, DOUBTFUL

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import what_is_left

from tenfold.evaluate.misread_by_all import MisreadByAll


def one(index: int, label: int, *answers: int) -> MisreadByAll:
    members = {f"network {i}": answer for i, answer in enumerate(answers)}
    return MisreadByAll(
        index=index, label=label, answer=answers[0], probability=0.9, of_label=0.05, members=members
    )


def test_the_page_is_the_records() -> None:
    assert what_is_left.main(["--check"]) == 0
    assert what_is_left.PICTURE.exists()


def test_what_is_said_of_an_image() -> None:
    wrong, unclear = next(iter(CORRECTED)), next(i for i in DOUBTFUL if i not in CORRECTED)
    left = [one(wrong, 1, 7, 7), one(unclear, 2, 3, 4), one(5, 6, 0, 0)]
    found = what_is_left.record({"network 0": None, "network 1": None}, left)
    lines = what_is_left.table(found).splitlines()
    assert lines[0].startswith("2 networks misread 3 images in common; 2 of these have doubtful")
    assert lines[4:] == [
        f"| {wrong} | 1 | **7** | 90.0 % | 5.0 % | 7 (2) | {CORRECTED[wrong]} (three or more of five) |",
        f"| {unclear} | 2 | **3** | 90.0 % | 5.0 % | 3 (1), 4 (1) | no agreement |",
        "| 5 | 6 | **0** | 90.0 % | 5.0 % | 0 (2) | as the label, or not asked |",
    ]
