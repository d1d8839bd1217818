"""An optimiser of its own for a layer: as each by itself, resumed, in configurations, refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.data import load_corpus
from tenfold.errors import ConfigError
from tenfold.nn import Dense, Flatten, ReLU, Sequential
from tenfold.optim import SGD, Adam, PerLayer, RMSprop, optimizer_from_config
from tenfold.train import Recipe, fit
from tenfold.zoo import entry
from tenfold.zoo.changes import changed

MIXED = PerLayer(Adam(1e-2), {"b": SGD(0.5, momentum=0.9), "c": RMSprop(2e-3), "d": SGD(0.0)})


def parameters(rng: np.random.Generator) -> dict[str, Any]:
    return {f"{layer}.{part}": rng.standard_normal(3) for layer in "abcd" for part in ("weight", "bias")}


def test_each_layer_is_moved_as_its_optimiser_would_by_itself() -> None:
    rng = np.random.default_rng(0)
    params = parameters(rng)
    alone = {layer: {name: p for name, p in params.items() if name[0] == layer} for layer in "abcd"}
    by = {"a": MIXED.default, **MIXED.layers}
    state, states = MIXED.init(params), {layer: by[layer].init(own) for layer, own in alone.items()}
    for step in range(4):
        grads, factor = parameters(rng), 1 / (step + 1)  # a schedule's
        params, state = MIXED.update(params, grads, state, factor * 1e-2)
        for layer, own in alone.items():
            mine = {name: grads[name] for name in own}
            rate = factor * by[layer].learning_rate
            alone[layer], states[layer] = by[layer].update(own, mine, states[layer], rate)
    assert state.step == 4
    for layer, own in alone.items():
        for name, want in own.items():
            np.testing.assert_allclose(params[name], want, rtol=1e-12, err_msg=layer)


def test_it_comes_back_from_its_configuration() -> None:
    again = optimizer_from_config("per_layer", json.loads(json.dumps(MIXED.config())))
    assert again == MIXED
    assert hash(again) == hash(MIXED)
    recipe = Recipe(3, optimizer=MIXED)
    assert Recipe.from_config(json.loads(json.dumps(recipe.config()))) == recipe
    assert recipe.rate_at(0, 0, 1) == 1e-2


def network() -> Sequential:
    layers = {"flatten": Flatten(), "fc1": Dense(784, 6), "relu": ReLU(), "fc2": Dense(6, 10)}
    return Sequential(layers, (28, 28, 1))


@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")
def test_a_run_with_it_is_resumed_to_the_same_bits(tmp_path: Path) -> None:
    digits = load_corpus("mnist-5k").train.subset(slice(200))
    optimizer = PerLayer(Adam(1e-2), {"fc2": SGD(0.1, momentum=0.9), "fc1": SGD(0.0)})
    whole, broken = network(), network()
    first = fit(whole, Recipe(4, optimizer=optimizer), digits, seed=1)
    fit(broken, Recipe(2, optimizer=optimizer), digits, seed=1, out=tmp_path)
    resumed = network()
    fit(resumed, Recipe(4, optimizer=optimizer), digits, seed=1, out=tmp_path, resume=True)
    for name, array in whole.params.items():
        np.testing.assert_array_equal(array, resumed.params[name], err_msg=name)
    start = network()
    fit(start, Recipe(1, optimizer=PerLayer(SGD(1.0), {"fc1": SGD(0.0), "fc2": SGD(0.0)})), digits, seed=1)
    np.testing.assert_array_equal(whole.params["fc1.weight"], start.params["fc1.weight"])  # frozen
    assert first.rows[-1].train_loss < first.rows[0].train_loss


def test_a_table_of_changes_can_ask_for_it() -> None:
    asked = {"kind": "per_layer", "default": {"kind": "adam", "learning_rate": 1e-3}}
    asked["layers"] = {"fc2": {"kind": "sgd", "learning_rate": 0.1}}
    recipe = changed(entry("nn2l"), {"recipe": {"optimizer": asked}}).recipe()
    assert recipe.optimizer == PerLayer(Adam(1e-3), {"fc2": SGD(0.1)})


WRONG: dict[str, tuple[Any, str]] = {
    "a number": (lambda: PerLayer(Adam(1e-3), {"b": 0.1}), "layers.b: expected an optimiser such as Adam"),
    "one in another": (lambda: PerLayer(MIXED, {}), "per_layer: default: expected an optimiser such as"),
    "no table": (
        lambda: PerLayer(Adam(1e-3), 3),
        "per_layer: layers: expected a mapping from layers to optimisers, got 3",
    ),
    "an unknown kind": (lambda: PerLayer({"kind": "adm"}, {}), "unknown optimizer 'adm'; "),
    "an unknown option": (lambda: PerLayer(Adam(1.0), {"b": {"kind": "sgd", "rate": 1}}), "sgd"),
    "no rate": (lambda: PerLayer(Adam(0.0), {}), "default: expected a learning rate above 0"),
    "an unknown layer": (
        lambda: PerLayer(Adam(1.0), {"bb": SGD(1.0)}).init(parameters(np.random.default_rng(0))),
        "unknown layer with parameters in per_layer: 'bb'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused_in_one_line(case: str) -> None:
    make, message = WRONG[case]
    with pytest.raises(ConfigError, match=message) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_an_unknown_layer_is_refused_before_anything_is_trained() -> None:
    digits = load_corpus("mnist-5k").train.subset(slice(50))
    recipe = Recipe(1, optimizer=PerLayer(Adam(1e-3), {"fc3": SGD(0.1)}))
    with pytest.raises(ConfigError, match="unknown layer with parameters in per_layer: 'fc3'; did you mean"):
        fit(network(), recipe, digits)
