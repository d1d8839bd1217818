"""The model card says what was measured, and what was measured is good enough to ship."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tenfold.checkpoint import read_json
from tenfold.predict.reader_recipe import READER, finishing_recipes, reader_recipe
from tenfold.predict.recogniser import SHIPPED, shipped

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def figures():
    return read_json(ROOT / "results" / "reader.json")


def test_the_card_is_what_the_tool_writes(figures):
    spec = importlib.util.spec_from_file_location("reader_tool", ROOT / "tools" / "reader.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8") == tool.card(figures)


def test_the_figures_are_of_the_network_and_the_recipes_that_are_here(figures):
    model = shipped().model
    assert figures["calibration"] == model.calibration.to_dict()
    assert figures["parameters"] == model.n_parameters == READER.parameters
    recipes = [recipe.config() for recipe in (reader_recipe(), *finishing_recipes())]
    assert [each["recipe"] for each in figures["stages"]] == recipes


def test_what_was_promised_is_kept(figures):
    assert figures["test"]["accuracy"] >= 0.995
    assert figures["test"]["sure_and_wrong"] <= 0.002
    for judged in (figures["test"], figures["validation"]["as_they_are"]):
        assert judged["refused"] <= 0.02
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 3_000_000
