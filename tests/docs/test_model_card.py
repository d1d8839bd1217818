"""The model card has the measured figures, and they are good enough to ship."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from tenfold.checkpoint import read_json
from tenfold.predict.reader_recipe import READER, finishing_recipes, reader_recipe
from tenfold.predict.recogniser import SHIPPED, shipped
from tenfold.train.former_names import digested
from tenfold.zoo import build, load_model

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def figures():
    return read_json(ROOT / "results" / "reader.json")


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("reader_tool", ROOT / "tools" / "reader.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_card_is_what_the_tool_writes(figures, tool):
    assert (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8") == tool.card(figures)


def test_the_figures_are_of_the_network_and_the_recipes_that_are_here(figures):
    model = shipped().model
    assert figures["calibration"] == model.calibration.to_dict()
    assert figures["parameters"] == model.n_parameters == READER.parameters
    recipes = [digested(recipe.config()) for recipe in (reader_recipe(), *finishing_recipes())]
    assert [digested(each["recipe"]) for each in figures["stages"]] == recipes


@pytest.mark.parametrize(
    ("accuracy", "words"), [(0.9967, "it was missed by 3 images"), (0.997, "it was reached")]
)
def test_the_card_says_whether_the_aim_was_reached(figures, tool, accuracy, words):
    card = tool.card(figures | {"test": figures["test"] | {"accuracy": accuracy}})
    assert f"The target was 99.7 % of the test images, with the original labels: {words}." in card


def test_it_is_good_enough_to_ship(figures):
    assert figures["test"]["accuracy"] >= 0.996
    assert figures["test"]["sure_and_wrong"] <= 0.002
    for judged in (figures["test"], figures["validation"]["as_they_are"]):
        assert judged["refused"] <= 0.02
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 3_000_000


@pytest.mark.parametrize("failing", ["save", "write_atomically", None])
def test_the_old_network_stays_until_the_new_one_is_written(failing, figures, tool, tmp_path, monkeypatch):
    folder, results = tmp_path / "shipped", tmp_path / "reader.json"
    old, new = (build("nn1l") for _ in range(2))
    for seed, model in enumerate((old, new)):
        model.network.initialise(seed)
    tool.put(old, {"of": "old"}, folder, results)

    def no_space(*_):
        raise OSError("no space left")

    if failing is None:
        tool.put(new, {"of": "new"}, folder, results)
    else:
        monkeypatch.setattr(new if failing == "save" else tool, failing, no_space)
        with pytest.raises(OSError, match="no space left"):
            tool.put(new, {"of": "new"}, folder, results)
    monkeypatch.undo()
    there = old if failing else new
    np.testing.assert_array_equal(
        load_model(folder).network.params["fc.weight"], there.network.params["fc.weight"]
    )
    assert read_json(results) == {"of": "old" if failing else "new"}
    tool.put(new, {"of": "new"}, folder, results)  # also over what was left
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reader.json", "shipped"]
