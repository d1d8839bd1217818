"""Networks with options changed: exactly what was named, and what cannot be is refused in one line."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tenfold.data import RandomAffine
from tenfold.errors import TenfoldError
from tenfold.nn import BatchNorm, Dense, Flatten, MeanSquaredError, Sequential
from tenfold.optim import EMA, SGD
from tenfold.train import EarlyStopping, Recipe
from tenfold.zoo import NetworkModel, entry
from tenfold.zoo.changes import changed


def parts(found):
    model = found.build(found)
    return model.recipe.config(), {layer["name"]: layer for layer in model.network.config()["layers"]}


def leaves(tree, at=""):
    """Every value in nested dicts by its dotted name."""
    if not isinstance(tree, dict):
        return {at: tree}
    return {name: x for key, value in tree.items() for name, x in leaves(value, f"{at}.{key}").items()}


# settings -> what is different afterwards, recipe and network, by dotted name
CHANGES = {
    "an option": ({"recipe": {"epochs": 3}}, {".epochs": 3}, {}),
    "the learning rate": ({"recipe": {"rate": 5e-4}}, {".optimizer.config.learning_rate": 5e-4}, {}),
    "an option of a part": (
        {"recipe": {"optimizer": {"weight_decay": 0.0}}},
        {".optimizer.config.weight_decay": 0.0},
        {},
    ),
    "a part": (
        {"recipe": {"rate": {"kind": "constant", "value": 0.5}}},
        {".rate.kind": "constant", ".rate.config.value": 0.5, ".rate": None},
        {},
    ),
    "a layer's option": (
        {"network": {"fc3": {"weight_init": "he_normal"}}},
        {},
        {".fc3.config.weight_init": "he_normal"},
    ),
    "two layers": (
        {"network": {"fc1": {"c_out": 77}, "fc2": {"c_in": 77}}},
        {},
        {".fc1.config.c_out": 77, ".fc2.config.c_in": 77},
    ),
    "a width, which the next layer follows": (
        {"network": {"fc1": {"c_out": 77}}},
        {},
        {".fc1.config.c_out": 77, ".fc2.config.c_in": 77},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_named_is_changed_and_nothing_else(name):
    settings, recipe, network = CHANGES[name]
    base = entry("nn3l")
    before, after = parts(base), parts(changed(base, settings))
    for want, old, new in zip((recipe, network), map(leaves, before), map(leaves, after), strict=True):
        different = {key for key in old.keys() | new.keys() if old.get(key, "no") != new.get(key, "no")}
        assert different == want.keys()
        assert all(new.get(key) == value for key, value in want.items())
    assert parts(base) == before


WIDTHS = {  # model, layers with a new width -> what they and the others have then
    "through pooling, into a dense layer": ("lenet5", {"conv2": 7}, {"fc1.c_in": 175}),
    "two at once": ("lenet5", {"conv1": 3, "conv2": 5}, {"conv2.c_in": 3, "fc1.c_in": 125}),
    "normalisation in between": ("own", {"fc1": 9}, {"bn.c": 9, "fc2.c_in": 9}),
}


@pytest.mark.parametrize("case", WIDTHS)
def test_the_layers_after_a_new_width_follow(case):
    name, widths, wanted = WIDTHS[case]
    base = entry("nn1l" if name == "own" else name)
    if name == "own":
        layers = {"flatten": Flatten(), "fc1": Dense(784, 5), "bn": BatchNorm(5), "fc2": Dense(5, 10)}
        network = Sequential(layers, (28, 28, 1))
        base = replace(base, build=lambda _: NetworkModel("own", network, Recipe(1)))
    found = changed(base, {"network": {layer: {"c_out": width} for layer, width in widths.items()}})
    after, before = parts(found)[1], parts(base)[1]
    different = {
        f"{layer}.{option}": value
        for layer, one in after.items()
        for option, value in one["config"].items()
        if value != before[layer]["config"][option]
    }
    assert different == wanted | {f"{layer}.c_out": width for layer, width in widths.items()}


def test_layers_are_put_in_and_taken_out():
    found = changed(
        entry("lenet5"),
        {
            "network": {
                "relu1": False,
                "drop": {"after": "conv1", "kind": "dropout", "rate": 0.5},
            }
        },
    )
    before, after = (list(parts(one)[1]) for one in (entry("lenet5"), found))
    assert after == [{"relu1": "drop"}.get(name, name) for name in before]
    assert found.parameters == entry("lenet5").parameters


def test_dropout_is_that_of_every_layer():
    found = parts(changed(entry("cnn-ref"), {"dropout": 0.125}))[1]
    rates = [layer["config"]["rate"] for layer in found.values() if layer["kind"] == "dropout"]
    assert rates == [0.125, 0.125]


def test_a_part_is_left_out_and_one_is_added():
    plain = changed(entry("scratch-09"), {"recipe": {"augmentation": False}})
    assert parts(plain)[0]["augmentation"] is None
    moved = changed(plain, {"recipe": {"augmentation": {"kind": "random_affine", "shift": 0.25}}})
    assert parts(moved)[0]["augmentation"]["config"]["shift"] == 0.25


def test_an_option_that_a_configuration_leaves_out_is_changed_too():
    together = changed(entry("scratch-09"), {"recipe": {"augmentation": {"together": 16}}})
    assert parts(together)[0]["augmentation"]["config"]["together"] == 16
    apart = changed(entry("scratch-07"), {"recipe": {"augmentation": {"together": 1, "whole_pixels": False}}})
    assert parts(apart)[0]["augmentation"] == parts(entry("scratch-09"))[0]["augmentation"]


def test_a_part_of_the_images_stays_that_part():
    assert changed(entry("scratch-01"), {"recipe": {"epochs": 2}}).first == 5_000


def test_parameters_are_counted_again():
    assert changed(entry("nn2l"), {"network": {"fc1": {"c_out": 1}, "fc2": {"c_in": 1}}}).parameters == 805


def test_a_recipe_that_begins_to_choose_gets_images_to_choose_on():
    stopping = {"kind": "early_stopping", "monitor": "validation_loss", "patience": 2}
    base = entry("cnn-ref")
    assert base.selection_set is None
    assert changed(base, {"recipe": {"early_stopping": stopping}}).selection_set is not None
    assert changed(base, {"recipe": {"epochs": 2}}).selection_set is None
    assert changed(entry("cnn-dev"), {"recipe": {"early_stopping": False}}).selection_set is None
    assert (
        changed(entry("cnn-dev"), {"recipe": {"epochs": 2}}).selection_set == entry("cnn-dev").selection_set
    )


REFUSED = {
    "no such change": ({"recip": {}}, "unknown change 'recip'; did you mean 'recipe'?"),
    "no such option": ({"recipe": {"epoch": 1}}, "unknown option of recipe: 'epoch'; did you mean 'epochs'?"),
    "no option of a part": (
        {"recipe": {"optimizer": {"momentum": 0.9}}},
        "unknown option of recipe.optimizer: 'momentum'; choose from beta1, beta2, eps, learning_rate",
    ),
    "no such part": (
        {"recipe": {"optimizer": {"kind": "sdg"}}},
        "unknown optimizer 'sdg'; did you mean 'sgd'?",
    ),
    "no such layer": ({"network": {"fc4": {"c_out": 3}}}, "unknown layer 'fc4'; did you mean 'fc"),
    "no option of a layer": ({"network": {"fc1": {"units": 3}}}, "unknown option of network.fc1: 'units'"),
    "layers that do not fit": (
        {"network": {"fc1": {"c_out": 80}, "fc2": {"c_in": 81}}},
        "fc2 (dense): expected vectors of shape (81,), got (80,)",
    ),
    "no layer to stand behind": (
        {"network": {"drop": {"after": "pool", "kind": "dropout", "rate": 0.5}}},
        "unknown layer in network.drop.after: 'pool'",
    ),
    "a layer twice": (
        {"network": {"fc2": {"after": "fc1", "kind": "relu"}}},
        "network.fc2: expected a new name and a kind for a layer after fc1",
    ),
    "no dropout": ({"dropout": 0.5}, "dropout: expected a network with dropout layers, got one without"),
    "a number for options": ({"recipe": 3}, "recipe: expected options by name, got 3; write recipe.OPTION"),
    "a number for a layer": ({"network": {"fc1": 3}}, "network.fc1: expected options by name, got 3"),
    "the label": ({"recipe": {"protocol": "published"}}, "unknown option of recipe: 'protocol'; "),
    "a text for a number": (
        {"recipe": {"optimizer": {"beta1": "x"}}},
        "beta1: expected a number from 0 to below 1, got 'x'",
    ),
    "a list for a layer's name": (
        {"network": {"x": {"after": [1], "kind": "relu"}}},
        "expected values of the same kind",
    ),
    "a value out of range": (
        {"recipe": {"epochs": 0}},
        "epochs: expected a whole number of at least 1, got 0",
    ),
}


@pytest.mark.parametrize("value", [True, [1, 2], 0])
@pytest.mark.parametrize(
    "part", ["augmentation", "optimizer", "loss", "early_stopping", "plateau", "average"]
)
def test_a_part_is_no_plain_value(refused_in_one_line, part, value):
    message = rf"recipe\.{part}: expected options by name, got {re.escape(repr(value))}; write recipe"
    with refused_in_one_line(TenfoldError, message):
        changed(entry("nn3l"), {"recipe": {part: value}})


# a part of the recipe -> the name of a kind, and its class
BY_NAME = {
    "augmentation": ("random_affine", RandomAffine),
    "optimizer": ("sgd", SGD),
    "loss": ("mean_squared_error", MeanSquaredError),
    "early_stopping": ("early_stopping", EarlyStopping),
    "average": ("ema", EMA),
}


@pytest.mark.parametrize("part", BY_NAME)
def test_a_part_may_be_given_by_its_kind_alone(part):
    kind, cls = BY_NAME[part]
    recipe = changed(entry("nn3l"), {"recipe": {part: kind, "choose": "last"}}).recipe()
    assert isinstance(getattr(recipe, part), cls)
    assert recipe.optimizer.learning_rate == 0.001  # another optimiser keeps the rate


@pytest.mark.parametrize("part", BY_NAME)
def test_an_unknown_kind_is_refused(refused_in_one_line, part):
    with refused_in_one_line(TenfoldError, "unknown .* 'relu'; (did you mean|choose from)"):
        changed(entry("nn3l"), {"recipe": {part: "relu"}})


def test_the_learning_rate_holds_for_another_optimiser_too():
    settings = {"recipe": {"learning_rate": 0.5, "optimizer": {"kind": "sgd", "learning_rate": 0.1}}}
    assert changed(entry("nn3l"), settings).recipe().optimizer.config() == SGD(0.5).config()


@pytest.mark.parametrize("value", ["fast", True, [1], {"kind": "cosine_decay"}])
def test_a_learning_rate_is_a_number(refused_in_one_line, value):
    with refused_in_one_line(TenfoldError, "recipe.learning_rate: expected a number, got"):
        changed(entry("nn3l"), {"recipe": {"learning_rate": value}})


@pytest.mark.parametrize("value", ["x", [1]])
def test_odd_values_are_refused_in_one_line(refused_in_one_line, value):
    for base, settings in (
        ("cnn-ref", {"dropout": value}),
        ("nn3l", {"network": {"fc1": {"weight_init": value}}}),
        ("nn3l", {"recipe": {"early_stopping": {"kind": "early_stopping", "patience": value}}}),
    ):
        with refused_in_one_line(TenfoldError, "expected|unknown"):
            changed(entry(base), settings)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_one_line(refused_in_one_line, name):
    settings, message = REFUSED[name]
    with refused_in_one_line(TenfoldError, re.escape(message)):
        changed(entry("nn3l"), settings)


def test_only_networks_are_changed():
    with pytest.raises(TenfoldError, match="knn: expected a network to change"):
        changed(entry("knn"), {"recipe": {"epochs": 3}})


def kinds(found):
    return [layer.kind for layer in found.build(found).network.layers.values()]


def test_a_layer_is_exchanged():
    base = entry("lenet5")
    found = changed(base, {"network": {"relu1": {"kind": "leaky_relu", "slope": 0.2}}})
    assert kinds(found)[1] == "leaky_relu"
    assert found.build(found).network.layers["relu1"].slope == 0.2
    assert kinds(found)[:1] + kinds(found)[2:] == kinds(base)[:1] + kinds(base)[2:]


def test_a_layer_is_put_before_another():
    network = {"first": {"before": "conv1", "kind": "dropout", "rate": 0.1}}
    assert kinds(changed(entry("lenet5"), {"network": network})) == ["dropout", *kinds(entry("lenet5"))]


def test_a_layer_without_options_says_how_to_exchange_it():
    with pytest.raises(TenfoldError) as refused:
        changed(entry("lenet5"), {"network": {"relu1": {"slope": 0.2}}})
    assert str(refused.value) == (
        "network.relu1: expected no options of a layer relu, got slope; exchange the layer: "
        'network.relu1 = { kind = "..." }, or remove it: network.relu1 = false'
    )
