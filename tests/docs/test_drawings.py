"""The drawings of networks are those that tools/drawings.py makes, for light and for dark screens."""

from __future__ import annotations

import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRAWINGS = runpy.run_path(str(ROOT / "tools" / "drawings.py"))["DRAWINGS"]


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_file_is_what_the_program_draws(name: str) -> None:
    text = (ROOT / "docs" / "images" / f"{name}.svg").read_text(encoding="utf-8")
    assert text == DRAWINGS[name]().svg(), "run tools/drawings.py"


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_mark_has_a_colour_for_light_and_for_dark_screens(name: str) -> None:
    text = (ROOT / "docs" / "images" / f"{name}.svg").read_text(encoding="utf-8")
    light, dark = text.split("@media(prefers-color-scheme:dark)")
    marks = {one for element in ET.fromstring(text).iter() for one in element.get("class", "").split()}
    for mark in marks - {"b", "m"}:  # bold and italic have no colour
        assert f".{mark}{{" in light, mark
        assert f".{mark}{{" in dark, mark


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_tutorial_shows_it(name: str) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "tutorials").glob("*.md")]
    assert any(f"(../images/{name}.svg)" in page for page in pages)


def test_lenet5_is_drawn_with_the_sizes_of_the_network() -> None:
    text = DRAWINGS["lenet5"]().svg()
    for size in (
        "28 × 28 × 6",
        "14 × 14 × 6",
        "10 × 10 × 16",
        "5 × 5 × 16",
        "400",
        "120",
        "84",
        "61,706 parameters",
    ):
        assert f">{size}<" in text
