"""docs/scale.md says what results/scale.json says, shows the example as it is, and has its figures."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tenfold.checkpoint import read_json

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import scale_page

TEXT = scale_page.PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def record() -> Any:
    return read_json(scale_page.RECORD)


def test_the_page_and_the_picture_are_made_from_the_record() -> None:
    assert scale_page.main(["--check"]) == 0, "run `make scale-plan`"


def test_every_curve_is_in_the_picture(record: Any) -> None:
    root = ET.fromstring(scale_page.picture(record))
    width, height = int(root.attrib["width"]), int(root.attrib["height"])
    curves = [one.attrib["d"] for one in root.iter() if one.attrib.get("d", "").count("L") == 6]
    assert len(curves) == len(scale_page.CURVES)
    for curve in curves:
        for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", curve):
            assert 0 < float(x) < width
            assert 0 < float(y) < height


def test_the_plan_has_all_scenarios_for_each_number_of_nodes(record: Any) -> None:
    for name in {row["scenario"] for row in record["plan"]}:
        nodes = {row["nodes"] for row in record["plan"] if row["scenario"] == name}
        assert nodes >= set(scale_page.SHOWN)
    assert len(record["systems"]) == 28
    for row in record["plan"] + record["pictures"]:
        assert sum(row["shares"].values()) == pytest.approx(1)


def test_the_words_around_the_tables_agree_with_them(record: Any) -> None:
    """Only the tables are written from the record; a new one may need new words."""
    plan = {(row["scenario"], row["nodes"]): row for row in record["plan"]}
    ready = record["assumed"]["seconds from the order of a node until it runs a process"]
    ready += record["measured"]["seconds to compile the engine"]
    assert f"ready after {ready:.0f} seconds" in TEXT
    assert f"one took {max(record['slowness']):.0f} times the median" in TEXT
    longest = max(record["systems"], key=lambda one: one["seconds"])
    assert longest["name"] == "scratch-wide"
    for nodes in (4, 8, 64):  # the longest trial is the end
        assert plan[scale_page.BEST, nodes]["seconds"] < 1.02 * longest["seconds"]
    assert plan[scale_page.BEST, 2]["seconds"] > 1.2 * longest["seconds"]
    gigabytes = 1e9 * 784 / 1e9
    minutes = (
        1000 * gigabytes / record["assumed"]["megabytes a second that the shared store sends in all"] / 60
    )
    assert f"take {gigabytes:.0f} GB" in TEXT
    assert f"needs {minutes:.0f} minutes" in TEXT


def test_the_example_is_the_file() -> None:
    [shown] = re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)
    code = (scale_page.ROOT / "examples" / "ray_serve.py").read_text(encoding="utf-8")
    assert code.split('"""\n\n', 1)[1] == shown
