"""docs/reliability.md is what results/faults.json says, and every fault is said in plain phrases."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenfold.checkpoint import read_json

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import faults_table

ROOT = faults_table.ROOT
ROW = {"area": "data", "did": "an empty file", "expected": "rejected", "passed": 2, "failed": 0, "skipped": 0}


def faults() -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield where each marker stands, with what it is given."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "mark.fault" in text else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args


def is_plain(phrase: str) -> bool:
    return (
        0 < len(phrase) <= 120
        and phrase == phrase.strip()
        and phrase.isprintable()
        and not phrase.endswith((".", ":", ";"))
    )


def test_each_fault_is_three_plain_phrases() -> None:
    found = dict(faults())
    assert len(found) > 200
    assert [place for place, phrases in found.items() if len(phrases) != 3] == []
    for place, phrases in found.items():  # a phrase with a parameter in it is in the record
        assert all(is_plain(one.value) for one in phrases if isinstance(one, ast.Constant)), place


def test_rows_of_one_fault_are_added_up() -> None:
    skipped = ROW | {"passed": 1, "skipped": 1, "reasons": ["needs a disk"]}
    [row] = faults_table.merged([ROW | {"reasons": []}, skipped])
    assert row == ROW | {"passed": 3, "skipped": 1, "reasons": ["needs a disk"]}
    assert faults_table.checks(row) == "3, 1 skipped: needs a disk"
    assert faults_table.checks(row | {"failed": 2, "skipped": 0}) == "5, **2 failed**"


@pytest.mark.skipif(not faults_table.RECORD.exists(), reason="no campaign has been recorded yet")
def test_the_page_is_made_from_the_record() -> None:
    record = read_json(faults_table.RECORD, max_bytes=faults_table.MOST_BYTES)
    assert faults_table.PAGE.read_text(encoding="utf-8") == faults_table.page(record), "run `make faults`"
    for row in record["rows"]:
        assert row["failed"] == 0, row
        for key in ("area", "did", "expected"):
            assert is_plain(row[key])


def test_each_row_stands_once_on_the_page() -> None:
    rows = [
        ROW | {"area": area, "did": f"fault {i}", "reasons": []}
        for i, area in enumerate(("x", "server", "data"))
    ]
    about = {
        "machine": "a machine",
        "cores": 2,
        "system": "Linux",
        "date": "2026-01-01T00:00",
        "commit": "abc",
    }
    kills = [
        {"kind": "trials", "moment": moment, "kills": 3} for moment in ("before it wrote", "it had ended")
    ]
    fuzz = [{"target": "idx", "inputs": 1234, "seconds": 5, "by": "mutations"}]
    versions = {"python": "3.11", "numpy": "2.1"}
    text = faults_table.page(about | {"versions": versions, "rows": rows, "kills": kills, "fuzz": fuzz})
    assert re.findall(r"fault \d", text) == [
        "fault 2",
        "fault 1",
        "fault 0",
    ]  # chapters in order, others last
    assert re.findall("## (.*)", text) == ["Data", "Server", "X", "Killed processes", "Fuzzed inputs"]
    assert "6 checks of 3 faults, all passed, 3 killed processes, 1,234 fuzzed inputs." in text
