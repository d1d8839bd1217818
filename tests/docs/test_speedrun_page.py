"""docs/speedrun.md, its picture and the README's rows are made from the records, and from nothing else."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from tests.runs.test_speedrun import rows

from tenfold.checkpoint import dump_json
from tenfold.zoo.speedruns import SPEEDRUNS

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import experiments
import record_page
import speedrun_page
from speedrun_candidates import EXPERIMENTS


def put(results: Path, target: str, machine: str, date: str, **more: Any) -> None:
    """Write a record of a target on a made-up machine."""
    found = [row | {"date": date} for row in rows(0.97, 0.972, 0.974, seconds=3.0)]
    record = {
        "target": target,
        "digest": SPEEDRUNS[target].digest,
        "machine": machine,
        "instructions": "AVX2",
        "cores": 2,
        "dataset_sha256": "ab",
        "flops": 10**12,
        "seeds": found,
        "peer": {"library": "PyTorch 2.0, NCHW", "way": "NCHW", "seeds": rows(0.971, 0.973, seconds=12.35)},
    }
    folder = results / "speedrun"
    folder.mkdir(exist_ok=True)
    (folder / f"{target}-{machine}.json").write_bytes(dump_json(record | more))


def test_page_picture_and_readme_are_made_from_the_records() -> None:
    assert speedrun_page.main(["--check"]) == 0, "run tools/speedrun_page.py"


def test_the_tables_show_what_was_measured(tmp_path: Path) -> None:
    empty = speedrun_page.results_tables(tmp_path)
    assert empty == "Nothing has been measured yet: `make speedrun`."
    assert speedrun_page.readme_table(tmp_path).count("not measured") == min(5, len(SPEEDRUNS))
    put(tmp_path, "97", "old", "2026-01-01")
    put(tmp_path, "97", "new", "2026-02-01")
    put(tmp_path, "98", "new", "2026-02-01", peer=None)
    put(tmp_path, "99", "new", "2026-02-01", digest="of another recipe")
    text = speedrun_page.results_tables(tmp_path)
    first, second = text.index("new, AVX2, 2 cores, 2026-02-01"), text.index("old, AVX2, 2 cores, 2026-01-01")
    assert first < second
    row = (
        "| 97 % | **3.1 s** (3 s to 3.2 s) | 97.20 % | 96.70 % to 97.70 % | 3 of 3 | yes "
        "| 12.4 s (12.3 s to 12.4 s) | 97.20 % | **4.0** |"
    )
    assert text.count(row) == 2
    assert (
        "| 98 % | **3.1 s** (3 s to 3.2 s) | 97.20 % | 96.70 % to 97.70 % | 0 of 3 | no | not measured |"
        in text
    )
    assert "| 99 % | not measured |" in text
    assert "PyTorch 2.0, NCHW" in text
    shown = speedrun_page.readme_table(tmp_path)
    assert "| 97 % | **3.1 s** | 97.20 %, 3 seeds | 12.4 s | **4.0** |" in shown
    assert "Timed on new, AVX2, 2 cores, 2026-02-01." in shown


def test_every_measurement_is_a_dot_in_the_picture(tmp_path: Path) -> None:
    def dots(results: Path) -> list[tuple[str, float, float]]:
        root = ET.fromstring(speedrun_page.picture(results))
        circles = [one.attrib for one in root.iter() if one.tag.endswith("circle")]
        return [(one["class"], float(one["cx"]), float(one["cy"])) for one in circles]

    assert dots(tmp_path) == []
    put(tmp_path, "97", "new", "2026-02-01")
    put(tmp_path, "98", "new", "2026-02-01", peer=None)
    found = [(kind, x, y) for kind, x, y in dots(tmp_path) if x <= speedrun_page.RIGHT]
    assert [kind for kind, _, _ in found] == ["blue", "blue", "warm"]
    for _, x, y in found:
        assert speedrun_page.LEFT < x < speedrun_page.RIGHT
        assert speedrun_page.TOP < y < speedrun_page.BOTTOM
    assert found[2][1] > found[0][1], "more seconds lie further to the right"


def test_the_recipes_are_told_with_what_they_were_chosen_for() -> None:
    text = speedrun_page.recipes_table(speedrun_page.RESULTS)
    lines = text.splitlines()[2:]
    assert [line.split(" | ")[0] for line in lines] == [f"| {target} %" for target in SPEEDRUNS]
    assert "not measured" not in text


def test_every_experiment_stays_in_the_table() -> None:
    recorded = {one["name"] for one in speedrun_page.experiments(speedrun_page.RESULTS)}
    assert {one.name for one in EXPERIMENTS} == recorded
    table = speedrun_page.tried_table(speedrun_page.RESULTS).splitlines()[2:]
    assert len(table) == len(recorded)
    chosen = [line for line in table if re.match(r"\| [\d.]+ % \| \*\*", line)]
    assert len(chosen) == len(SPEEDRUNS)


def test_the_page_of_the_record_is_made_from_the_records() -> None:
    assert record_page.main(["--check"]) == 0, "run tools/record_page.py"
    recorded = {one["name"] for one in speedrun_page.experiments(speedrun_page.RESULTS, "record")}
    assert {one.name for one in experiments.LISTS["record"].candidates} == recorded


def test_a_recorded_experiment_is_not_changed() -> None:
    recorded = experiments.LISTS["speedrun"]
    for one in EXPERIMENTS:
        assert recorded.find(one)["seeds"], one.name
    first = EXPERIMENTS[0]
    other = type(first)(first.target, first.what, first.build, EXPERIMENTS[1].recipe)
    with pytest.raises(SystemExit, match="was recorded with another network or recipe"):
        recorded.find(other)
