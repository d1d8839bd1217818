"""docs/robustness.md is what results/robustness.json says, of the pictures that nobody looked at before."""

from __future__ import annotations

import re
from pathlib import Path

from kind import FINAL
from nothing import NOTHING
from page import TITLES, page
from written import WRITTEN

from tenfold.checkpoint import read_json

ROOT = Path(__file__).parents[2]
RECORD = read_json(ROOT / "results" / "robustness.json")
PAGE = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")


def test_the_page_is_made_from_the_record() -> None:
    assert page(RECORD) == PAGE, "run `python benchmarks/robustness --page`"


def test_the_record_has_every_kind_and_the_final_seed() -> None:
    assert RECORD["seed"] == FINAL
    assert RECORD["data"] == "mnist"
    measured = [(row["group"], row["kind"]) for row in RECORD["rows"]]
    drawn = [(kind.group, kind.name) for kind in [*WRITTEN, *NOTHING]]
    assert [one for one in measured if one in drawn] == drawn
    assert set(TITLES) == {group for group, _ in measured}


def test_its_pictures_are_there_and_small() -> None:
    pictures = [ROOT / "docs" / name for name in re.findall(r"\]\((images/\S+)\)", PAGE)]
    assert len(pictures) == len(TITLES)
    assert all(10_000 < picture.stat().st_size < 300_000 for picture in pictures)
