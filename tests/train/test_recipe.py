"""Recipes: there and back through JSON, equal hashes for equal recipes, faults refused."""

import json

import numpy as np
import pytest

from tenfold.data import RandomAffine
from tenfold.errors import ConfigError, RangeError
from tenfold.nn import MeanSquaredError, SoftmaxCrossEntropy
from tenfold.optim import (
    EMA,
    SGD,
    Adam,
    CosineDecay,
    Doubling,
    ExponentialAfter,
    LinearWarmup,
    Product,
    RMSprop,
    Tunable,
)
from tenfold.train import EarlyStopping, Recipe, ReduceOnPlateau, WindowStopping


def brighten(images, rng):
    return np.minimum(images * 2, 1)


RECIPES = {
    "plain": Recipe(3),
    "doubling": Recipe(20, batch_size=Doubling(32, every=4), optimizer=Adam(1e-3, weight_decay=0.01)),
    "schedules": Recipe(
        9, rate=Product(LinearWarmup(1.0, 2), CosineDecay(1.0, 9)), optimizer=SGD(0.1, momentum=0.9)
    ),
    "stopping": Recipe(
        100, early_stopping=EarlyStopping("train_error", 15, 0.005), rate=ExponentialAfter(1.0, 15, 0.05)
    ),
    "window": Recipe(150, early_stopping=WindowStopping("train_loss", 25, 0.005), rate=Tunable(1.0, later=3)),
    "plateau": Recipe(
        30, batch_size=86, optimizer=RMSprop(1e-3), plateau=ReduceOnPlateau(), short_batch="keep"
    ),
    "squares": Recipe(5, loss=MeanSquaredError(), choose="best", protocol="published", chunk_images=64),
    "smoothed": Recipe(5, loss=SoftmaxCrossEntropy(0.1), choose="best_of_last(4)", short_batch="drop"),
    "averaged": Recipe(5, average=EMA(0.99), choose="best"),
    "augmented": Recipe(5, augmentation=brighten),
    "turned": Recipe(5, augmentation=RandomAffine(zoom=0.1, rotation=10, chance=0.5)),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_comes_back_from_json(name):
    recipe = RECIPES[name]
    config = json.loads(json.dumps(recipe.config()))
    own = recipe.augmentation if name == "augmented" else None
    again = Recipe.from_config(config, augmentation=own)
    assert again == recipe
    assert again.hash == recipe.hash
    assert again.config() == recipe.config()
    assert [again.batch_size_at(e) for e in range(9)] == [recipe.batch_size_at(e) for e in range(9)]
    assert [again.rate_at(e, 1, 5) for e in range(9)] == [recipe.rate_at(e, 1, 5) for e in range(9)]


def test_different_recipes_have_different_hashes():
    assert len({recipe.hash for recipe in RECIPES.values()}) == len(RECIPES)
    assert Recipe(3).hash != Recipe(4).hash


def test_numpy_integers_are_integers():
    recipe = Recipe(np.int64(3), batch_size=np.int32(16))
    assert recipe == Recipe(3, batch_size=16)
    assert json.dumps(recipe.config())


def test_minibatches_double_and_rates_fall():
    assert [RECIPES["doubling"].batch_size_at(e) for e in (0, 3, 4, 16, 19)] == [32, 32, 64, 512, 512]
    assert RECIPES["stopping"].rate_at(20, 0, 1) == pytest.approx(1e-3 * np.exp(-0.25))


# what decides, whether it needs images of its own
VALIDATES = {
    "nothing": (Recipe(1), False),
    "the best epoch": (Recipe(1, choose="best"), True),
    "stopping on training loss": (Recipe(1, early_stopping=EarlyStopping("train_loss")), False),
    "stopping in a window": (Recipe(1, early_stopping=WindowStopping()), False),
    "stopping on validation loss": (Recipe(1, early_stopping=EarlyStopping("validation_loss")), True),
    "a plateau of the training error": (Recipe(1, plateau=ReduceOnPlateau("train_error")), False),
    "a plateau of validation accuracy": (Recipe(1, plateau=ReduceOnPlateau()), True),
}


@pytest.mark.parametrize("name", VALIDATES)
def test_which_recipes_need_images_to_choose_on(name):
    recipe, validates = VALIDATES[name]
    assert recipe.validates is validates


REFUSED = {
    "no epochs": (lambda: Recipe(0), RangeError, "epochs: expected a whole number of at least 1, got 0"),
    "half an epoch": (lambda: Recipe(0.5), RangeError, "epochs: .* got 0.5"),
    "true epochs": (lambda: Recipe(True), RangeError, "epochs: .* got True"),
    "batch 0": (lambda: Recipe(1, batch_size=0), RangeError, "batch_size: .* got 0"),
    "batch 1.5": (lambda: Recipe(1, batch_size=1.5), RangeError, "batch_size: .* got 1.5"),
    "short batch": (lambda: Recipe(1, short_batch="kept"), ConfigError, "did you mean 'keep'"),
    "protocol": (lambda: Recipe(1, protocol="publish"), ConfigError, "did you mean 'published'"),
    "choose": (lambda: Recipe(1, choose="bets"), ConfigError, "did you mean 'best'"),
    "choose of none": (
        lambda: Recipe(1, choose="best_of_last(0)"),
        ConfigError,
        r"did you mean 'best_of_last\(4\)'",
    ),
    "two choosers": (
        lambda: Recipe(1, choose="best", early_stopping=EarlyStopping()),
        ConfigError,
        "choose='best' and early stopping with restore_best both choose",
    ),
    "monitor": (
        lambda: EarlyStopping("validation_acuracy"),
        ConfigError,
        "did you mean 'validation_accuracy'",
    ),
    "patience": (lambda: EarlyStopping(patience=0), RangeError, "patience of at least 1"),
    "factor": (lambda: ReduceOnPlateau(factor=2), RangeError, "a factor between 0 and 1"),
    "a key": (
        lambda: Recipe.from_config({"epochs": 1, "batchsize": 32}),
        ConfigError,
        "did you mean 'batch_size'",
    ),
    "no options": (lambda: Recipe.from_config(7), ConfigError, "recipe: expected its options by name, got 7"),
    "a list": (lambda: Recipe.from_config(["epochs"]), ConfigError, "expected its options by name, got"),
    "a key of a megabyte": (
        lambda: Recipe.from_config({"epochs": 1, "x" * 2**20: 1}),
        ConfigError,
        r"unknown key in recipe: 'x{56}\.\.\.; choose from",
    ),
    "no key": (lambda: Recipe.from_config({}), ConfigError, "expected epochs"),
    "an inner key": (
        lambda: Recipe.from_config(
            {"epochs": 1, "early_stopping": {"kind": "early_stopping", "config": {"patients": 3}}}
        ),
        ConfigError,
        "did you mean 'patience'",
    ),
    "stopping": (
        lambda: Recipe.from_config({"epochs": 1, "early_stopping": {"kind": "window", "config": {}}}),
        ConfigError,
        "unknown stopping rule 'window'; did you mean 'window_stopping'",
    ),
    "a window of one": (lambda: WindowStopping(patience=1), RangeError, "patience of at least 2"),
    "an optimiser": (
        lambda: Recipe.from_config({"epochs": 1, "optimizer": {"kind": "adm", "config": {}}}),
        ConfigError,
        "did you mean 'adam'",
    ),
    "an optimiser's name alone": (
        lambda: Recipe.from_config({"epochs": 1, "optimizer": "adam"}),
        ConfigError,
        "optimizer: expected kind and config, got 'adam'",
    ),
    "an augmentation by name": (
        lambda: Recipe.from_config(RECIPES["augmented"].config()),
        ConfigError,
        "expected the augmentation .*brighten.* pass it",
    ),
    "an augmentation's option": (
        lambda: Recipe.from_config(
            {"epochs": 1, "augmentation": {"kind": "random_affine", "config": {"rotations": 10}}}
        ),
        ConfigError,
        "did you mean 'rotation'",
    ),
    "an augmentation of our name alone": (
        lambda: Recipe.from_config({"epochs": 1, "augmentation": {"kind": "random_affine", "config": {}}}),
        ConfigError,
        "expected the augmentation",
    ),
}


@pytest.mark.fault(
    "training",
    "a recipe has an unknown key, epoch 0, batch 0 or another wrong value",
    "one line, with the nearest name",
)
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, refused_in_one_line):
    build, error, message = REFUSED[name]
    with refused_in_one_line(error, message):
        build()
