"""Changes given on the command line: they reach the recipe, the run says them, and a run gives them back."""

from __future__ import annotations

import pytest

from tenfold.errors import TenfoldError
from tenfold.runs.overrides import overridden, setting
from tenfold.zoo import entry

SETTINGS = {
    "recipe.learning_rate=3e-4": {"recipe": {"learning_rate": 3e-4}},
    "learning_rate = 3e-4": {"recipe": {"learning_rate": 3e-4}},
    "choose=best": {"recipe": {"choose": "best"}},
    "choose='best'": {"recipe": {"choose": "best"}},
    "recipe.augmentation=false": {"recipe": {"augmentation": False}},
    "recipe.optimizer={kind='sgd', learning_rate=0.1}": {
        "recipe": {"optimizer": {"kind": "sgd", "learning_rate": 0.1}}
    },
    "network.fc1.c_out=100": {"network": {"fc1": {"c_out": 100}}},
    "dropout=0.5": {"dropout": 0.5},
}


@pytest.mark.parametrize("given", SETTINGS)
def test_a_setting_is_read_as_toml(given):
    assert setting(given) == SETTINGS[given]


@pytest.mark.parametrize("given", ["", "epochs", "=3", "epochs=", "recipe..epochs=3", ".=1"])
def test_what_is_no_setting_is_refused(refused_in_one_line, given):
    with refused_in_one_line(
        TenfoldError, "--set: expected NAME=VALUE, got .*; for instance recipe.epochs=5"
    ):
        setting(given)


def test_the_more_special_one_wins(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        "[recipe]\nepochs = 7\nbatch_size = 16\nlearning_rate = 0.5\n[recipe.optimizer]\nbeta1 = 0.8\n"
    )
    sets = ["batch_size=8", "recipe.optimizer.beta2=0.99"]
    recipe = overridden(entry("nn1l"), sets, learning_rate=0.25, config=file).recipe()
    adam = recipe.optimizer
    assert (recipe.epochs, recipe.batch_size) == (7, 8)
    assert (adam.learning_rate, adam.beta1, adam.beta2) == (0.25, 0.8, 0.99)


def test_without_changes_the_entry_stays_itself():
    assert overridden(entry("nn1l")) is entry("nn1l")


# what a file of changes holds -> the error
FILES = {
    "recipes = 3": "unknown table in .*: 'recipes'; did you mean 'recipe'",
    "[recipe]\nlr = 3": "unknown option of recipe: 'lr'",
    "[recipe": "expected TOML, got something else",
}


@pytest.mark.parametrize("content", FILES)
def test_a_file_that_cannot_be_used_is_refused(refused_in_one_line, tmp_path, content):
    (tmp_path / "mine.toml").write_text(content)
    with refused_in_one_line(TenfoldError, FILES[content]):
        overridden(entry("nn1l"), config=tmp_path / "mine.toml")
