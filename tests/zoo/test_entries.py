"""The zoo's entries: each is built, sized, trained for a step, saved and loaded; recipes and figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.data import Corpus, load_corpus
from tenfold.errors import ConfigError
from tenfold.optim import EMA
from tenfold.train import Recipe, executor_for
from tenfold.zoo import (
    ENTRIES,
    ClassicalModel,
    Ensemble,
    NetworkModel,
    SplitFractions,
    build,
    entry,
    load_model,
    models,
)
from tenfold.zoo.ensemble import member_seeds
from tenfold.zoo.lenet5_1998 import C3

FIFTH = SplitFractions(0.8, 0.2)
# name -> parameters; published low, high and mean in percent; seeds to measure it with; what authors chose on
ALL = {
    "gaussian-nb": (15_690, (55.58, 55.58, 55.58), 1, None),
    "logistic-regression": (7_850, (92.58, 92.58, 92.58), 1, None),
    "knn": (None, (96.88, 96.88, 96.88), 1, None),
    "nn1l": (7_850, (92.74, 92.82, 92.787), 5, "test"),
    "nn2l": (238_510, (98.30, 98.46, 98.404), 5, "test"),
    "nn3l": (266_610, (98.45, 98.62, 98.521), 5, "test"),
    "lenet5": (61_706, (99.11, 99.36, 99.268), 5, "test"),
    "ridge-linear": (7_850, (86.47, 86.47, 86.47), 10, FIFTH),
    "elm-500": (5_010, (91.94, 91.94, 91.94), 10, FIFTH),
    "mlp-512": (407_050, (97.74, 98.11, 97.94), 10, None),
    "mlp-800": (636_010, (98.21, 98.45, 98.34), 10, FIFTH),
    "cnn-ref": (1_199_882, (98.93, 99.19, 99.07), 10, None),
    "cnn-dev": (225_034, (99.13, 99.45, 99.29), 10, FIFTH),
    "scratch-01": (84_060, (89.95, 89.95, 89.95), 5, None),
    "scratch-02": (101_770, (93.25, 93.25, 93.25), 5, None),
    "scratch-03": (101_770, (96.90, 96.90, 96.90), 5, None),
    "scratch-04": (101_770, (97.36, 97.36, 97.36), 5, None),
    "scratch-05": (101_770, (97.81, 97.81, 97.81), 5, None),
    "scratch-06": (107_440, (97.98, 97.98, 97.98), 5, None),
    "scratch-07": (107_440, (98.07, 98.07, 98.07), 5, None),
    "scratch-08": (107_440, (98.42, 98.42, 98.42), 5, None),
    "scratch-09": (11_274, (99.20, 99.20, 99.20), 5, None),
    "scratch-10": (75_226, (99.55, 99.55, 99.55), 5, None),
    "scratch-11": (159_930, (99.58, 99.58, 99.58), 3, None),
    "scratch-12": (159_930, (99.60, 99.60, 99.60), 3, None),
    "scratch-wide": (575_980, (99.75, 99.75, 99.75), 1, None),
    "keras-lenet": (1_199_882, (99.23, 99.24, 99.235), 5, None),
    "ghouzam": (887_530, (99.67, 99.67, 99.67), 3, SplitFractions(0.63, 0.07)),
    "ghouzam-plain": (887_530, (98.114, 98.114, 98.114), 3, SplitFractions(0.63, 0.07)),
    "lenet5-1998": (60_850, (99.05, 99.05, 99.05), 5, None),
    "simard-mlp": (636_010, (99.30, 99.30, 99.30), 3, None),
    "simard-cnn": (132_540, (99.60, 99.60, 99.60), 3, None),
    "ciresan-mlp": (11_972_510, (99.65, 99.65, 99.65), 1, None),
    "deotte": (326_410, (99.641, 99.641, 99.641), 3, None),
    "deotte-15": (4_896_150, (99.745, 99.745, 99.745), 3, None),
    "an-m3": (1_125_230, (99.77, 99.81, 99.78667), 3, "test"),
    "an-m5": (1_128_670, (99.73, 99.76, 99.75), 3, "test"),
    "an-m7": (2_292_462, (99.74, 99.81, 99.78333), 3, "test"),
    "an-vote": (4_546_362, (99.87, 99.87, 99.87), 3, "test"),
    "simplenet-slim": (310_442, (99.72, 99.72, 99.72), 3, None),
}
# Of our own: nothing is published. name -> parameters, seeds
OUR_NETWORKS = {"lenet5-augmented": (61_706, 5), "record": (153_802, 12)}
ENSEMBLES = ("ensemble", "committee")
# name -> parameters; data set, its classes and shape
OTHER_DATA = {
    "resnet-fashion": (78_090, "fashion-mnist", (10, (28, 28, 1))),
    "resnet-letters": (79_130, "emnist-letters", (26, (28, 28, 1))),
    "resnet-cifar10": (78_378, "cifar10", (10, (32, 32, 3))),
}
# name -> runs, of which the published figure is the mean; both versions of the first document have five
PUBLISHED_RUNS = dict.fromkeys(("nn1l", "nn2l", "nn3l", "lenet5", "mlp-512", "mlp-800"), 10) | {
    "cnn-ref": 10,
    "cnn-dev": 10,
    "keras-lenet": 2,
    "deotte": 1500,
    "deotte-15": 100,
    "an-m3": 3,
    "an-m5": 3,
    "an-m7": 3,
}
NETWORKS = [name for name in ALL if ENTRIES[name].is_network]
CLASSICAL = [name for name in ALL if not ENTRIES[name].in_epochs]
AN = ("an-m3", "an-m5", "an-m7")
LENET_DOCUMENT = ("nn1l", "nn2l", "nn3l", "lenet5")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


def test_the_names() -> None:
    assert list(ENTRIES) == [*ALL, *OUR_NETWORKS, *ENSEMBLES, *OTHER_DATA]
    assert {name for name, found in ENTRIES.items() if found.dataset != "mnist"} == OTHER_DATA.keys()
    assert models() == sorted(ENTRIES)
    assert all(found.name == name for name, found in ENTRIES.items())


@pytest.mark.parametrize("name", ALL)
def test_published_figures(name: str) -> None:
    parameters, (low, high, mean), seeds, choice = ALL[name]
    found = entry(name)
    published = found.published
    assert found.parameters == parameters
    assert (published.low, published.high, published.accuracy) == pytest.approx(
        (low / 100, high / 100, mean / 100)
    )
    assert (len(found.seeds), len(set(found.seeds)), found.selection_set) == (seeds, seeds, choice)
    assert published.source
    assert found.notes
    assert all(note.endswith(".") for note in found.notes)
    assert published.runs == (PUBLISHED_RUNS.get(name, 1))
    if published.accuracies:
        assert len(published.accuracies) == published.runs
        assert np.mean(published.accuracies) == pytest.approx(published.accuracy, abs=6e-5)


@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")  # lenet5-1998
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_built_takes_a_step_and_comes_back(name: str, corpus: Corpus, tmp_path: Path) -> None:
    model = build(name)
    assert isinstance(model, NetworkModel)
    network, recipe = model.network, model.recipe
    network.initialise(3)
    assert (network.input_shape, network.output_shape) == ((28, 28, 1), (10,))
    assert model.n_parameters == sum(array.size for array in network.params.values()) == ALL[name][0]
    before = {at: array.copy() for at, array in network.params.items()}
    executor = executor_for(network, recipe.loss, recipe.optimizer, threads=1)
    n, rates = 8, np.array([recipe.rate_at(0, 0, 1)])
    images, labels = corpus.train.images[:n], corpus.train.labels[:n]
    done = executor.train(images, labels, np.arange(n), n, rates, np.random.default_rng(0))
    assert np.isfinite(done.losses).all()
    assert done.losses[0] > 0
    after = executor.export()
    assert after.params.keys() == before.keys()
    for at, array in after.params.items():
        if not (name == "scratch-wide" and at == "fc1.bias"):  # what follows takes its mean away
            assert not np.array_equal(array, before[at]), at
    network.assign(after.params, after.state)
    again = load_model(model.save(tmp_path / "model"))
    assert (again.name, again.n_parameters) == (name, ALL[name][0])
    found = again.predict_proba(corpus.test.images[:5])
    np.testing.assert_array_equal(found, model.predict_proba(corpus.test.images[:5]))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-9)


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_classical_model_is_fitted_and_comes_back(name: str, corpus: Corpus, tmp_path: Path) -> None:
    model = build(name)
    assert isinstance(model, ClassicalModel)
    model.fit(corpus.train.subset(slice(0, 200)), seed=1)
    assert model.n_parameters == ALL[name][0]
    again = load_model(model.save(tmp_path / "model"))
    images = corpus.test.images[:5]
    np.testing.assert_array_equal(again.predict_proba(images), model.predict_proba(images))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_recipe_comes_back_and_asks_for_what_it_is_given(name: str) -> None:
    recipe = entry(name).recipe()
    assert recipe == build(name).recipe
    again = Recipe.from_config(json.loads(json.dumps(recipe.config())))
    assert (again, again.hash) == (recipe, recipe.hash)
    assert replace(recipe, protocol="published").hash != recipe.hash
    assert recipe.validates == (ALL[name][3] is not None)


# name -> optimiser, learning rate, eps; minibatch, epochs, loss, and what else decides
RECIPES = {
    "mlp-512": ("adam", 1e-3, 1e-7, 32, 5, "softmax_cross_entropy"),
    "mlp-800": ("adam", 5e-4, 1e-7, 128, 100, "softmax_cross_entropy"),
    "cnn-ref": ("adam", 1e-3, 1e-7, 32, 5, "softmax_cross_entropy"),
    "cnn-dev": ("adam", 5e-4, 1e-7, 64, 100, "softmax_cross_entropy"),
    "scratch-01": ("sgd", 0.1, None, 1, 100, "mean_squared_error"),
    "scratch-02": ("sgd", 0.1, None, 32, 100, "mean_squared_error"),
    "scratch-03": ("sgd", 0.1, None, 32, 100, "softmax_cross_entropy"),
    "scratch-04": ("adam", 1e-2, 1e-8, 32, 30, "softmax_cross_entropy"),
    "scratch-05": ("adam", 1e-3, 1e-8, 32, 50, "softmax_cross_entropy"),
    "scratch-06": ("adam", 5e-4, 1e-8, 16, 200, "softmax_cross_entropy"),
    "scratch-07": ("adam", 5e-4, 1e-8, 16, 100, "softmax_cross_entropy"),
    "scratch-08": ("adam", 5e-4, 1e-8, 16, 175, "softmax_cross_entropy"),
    "scratch-09": ("adam", 1e-3, 1e-8, 16, 150, "softmax_cross_entropy"),
    "scratch-10": ("adam", 1e-3, 1e-8, 16, 150, "softmax_cross_entropy"),
    "scratch-11": ("adam", 1e-3, 1e-8, 16, 150, "softmax_cross_entropy"),
    "scratch-12": ("adam", 1e-3, 1e-8, 16, 150, "softmax_cross_entropy"),
    "scratch-wide": ("adam", 5e-4, 1e-7, 64, 100, "softmax_cross_entropy"),
    "keras-lenet": ("adam", 1e-3, 1e-7, 128, 15, "softmax_cross_entropy"),
    "ghouzam": ("rmsprop", 1e-3, 1e-8, 86, 30, "softmax_cross_entropy"),
    "ghouzam-plain": ("rmsprop", 1e-3, 1e-8, 86, 30, "softmax_cross_entropy"),
    "lenet5-1998": ("adam", 1e-3, 1e-8, 32, 20, "softmax_cross_entropy"),
    **dict.fromkeys(
        ("simard-mlp", "simard-cnn", "ciresan-mlp"), ("adam", 1e-3, 1e-8, 100, 100, "softmax_cross_entropy")
    ),
    "deotte": ("adam", 1e-3, 1e-7, 64, 30, "softmax_cross_entropy"),
    **dict.fromkeys(AN, ("adam", 1e-3, 1e-8, 120, 15, "softmax_cross_entropy")),
    "simplenet-slim": ("sgd", 0.01, None, 100, 31, "softmax_cross_entropy"),
}
# name -> chance of an image to be augmented (1: every image, both sides each by its own factor)
AUGMENTED = {"scratch-07": 0.25, "scratch-08": 0.25, "scratch-09": 0.25} | {
    "scratch-10": 0.5,
    "scratch-11": 0.5,
    "scratch-12": 0.8,
    "scratch-wide": 1.0,
    "ghouzam": 1.0,
    "simard-mlp": 1.0,
    "simard-cnn": 1.0,
    "ciresan-mlp": 1.0,
    "deotte": 1.0,
    **dict.fromkeys(AN, 1.0),
}
ELASTIC = {"simard-mlp": (34, 4, 0, 0), "simard-cnn": (34, 4, 0, 0), "ciresan-mlp": (37, 5.5, 15, 0.175)}
# name -> what is watched to stop, patience, least relative change
STOPPED = {
    "mlp-800": ("early_stopping", "validation_loss", 10, 0.0),
    "cnn-dev": ("early_stopping", "validation_loss", 5, 0.0),
    "scratch-08": ("window_stopping", "train_loss", 15, 0.005),
    "scratch-09": ("window_stopping", "train_loss", 20, 0.005),
    "scratch-10": ("window_stopping", "train_loss", 25, 0.005),
    "scratch-11": ("window_stopping", "train_loss", 25, 0.005),
    "scratch-12": ("window_stopping", "train_loss", 15, 0.005),
    "scratch-wide": ("early_stopping", "train_loss", 20, 0.0),
}


def test_every_recipe_is_in_a_table() -> None:
    assert {*RECIPES, *LENET_DOCUMENT} == set(NETWORKS)


@pytest.mark.parametrize("name", RECIPES)
def test_recipe(name: str) -> None:
    recipe = entry(name).recipe()
    optimizer, augmentation, stopping = recipe.optimizer, recipe.augmentation, recipe.early_stopping
    eps = optimizer.config().get("eps")
    found = (optimizer.kind, optimizer.learning_rate, eps, recipe.batch_size, recipe.epochs, recipe.loss.kind)
    assert found == RECIPES[name]
    assert optimizer.weight_decay == (0.05 if name == "simplenet-slim" else 0)
    assert (None if augmentation is None else augmentation.chance) == AUGMENTED.get(name)
    stops = None
    if stopping is not None:
        assert stopping.restore_best
        stops = (stopping.kind, stopping.monitor, stopping.patience, stopping.min_change)
    assert stops == STOPPED.get(name)
    assert recipe.choose == ("mean_of_last(4)" if name in ELASTIC else "best" if name in AN else "last")
    assert recipe.average == (EMA(0.999) if name in AN else None)
    assert (recipe.plateau is not None) == name.startswith("ghouzam")


@pytest.mark.parametrize("name", AUGMENTED)
def test_how_images_are_altered(name: str) -> None:
    """By the document's text each image by chance; by the code of two networks, whole minibatches."""
    recipe = entry(name).recipe()
    if name in ELASTIC:
        found = recipe.augmentation
        assert (found.alpha, found.sigma, found.rotation, found.zoom) == ELASTIC[name]
        return
    by_minibatch = name in ("scratch-07", "scratch-08")
    assert recipe.augmentation.together == (recipe.batch_size if by_minibatch else 1)
    assert recipe.augmentation.whole_pixels == by_minibatch


def test_the_pair_without_and_with_augmentation_differs_in_nothing_else() -> None:
    plain, altered = entry("ghouzam-plain"), entry("ghouzam")
    assert plain.build(plain).network.config() == altered.build(altered).network.config()
    assert plain.recipe() == replace(altered.recipe(), augmentation=None)
    assert plain.selection_set == altered.selection_set


# name -> learning rates of some epochs, counted from 0, apart from the factor of THEIR_ADAM
THEIR_ADAM = tuple(f"scratch-{i:02}" for i in range(4, 13))
TO_THE_END = {0: 1e-3, 1: 2e-3, 4: 5e-3, 9: 5e-3, 10: 2.5e-3, 20: 0.625e-3, 25: 3.125e-4, 30: 1.5625e-4}
RATES = {
    "scratch-03": {0: 0.1, 99: 0.1},
    "scratch-04": {0: 1e-2, 29: 1e-2},
    "scratch-05": {0: 1e-3, 49: 1e-3},
    "scratch-06": {0: 5e-4, 199: 5e-4},
    "scratch-07": {0: 5e-4, 99: 5e-4},
    "scratch-08": {0: 5e-4, 174: 5e-4},
    "mlp-800": {0: 5e-4, 15: 5e-4, 16: 5e-4 * np.exp(-0.05), 99: 5e-4 * np.exp(-0.05 * 84)},
    "cnn-dev": {0: 5e-4, 20: 5e-4, 25: 5e-4 * np.exp(-0.5)},
    "scratch-09": TO_THE_END,
    "scratch-10": TO_THE_END | {70: 5e-3 / 2**13},  # 6.10e-7 in the authors' log
    "scratch-11": TO_THE_END | {70: 5e-3 / 2**13, 93: 5e-3 / 2**17},
    "scratch-12": {3: 4e-3, 19: 1.25e-3, 20: 0.625e-3, 21: 0.3125e-3, 42: 0.625e-3 / 2**8},
    "scratch-wide": {0: 1e-4, 4: 5e-4, 9: 5e-4, 10: 2.5e-4, 84: 5e-4 / 2**15},
    "keras-lenet": {0: 1e-3, 14: 1e-3},
    "deotte": {0: 1e-3, 29: 1e-3 * 0.95**29},
    **{name: {0: 1e-3, 1: 1e-3 * 0.98**10, 14: 1e-3 * 0.98**140} for name in AN},
    "simplenet-slim": {0: 1e-2, 12: 1e-2, 13: 1e-3, 19: 1e-3, 20: 1e-4, 22: 1e-5, 30: 1e-5},
}


@pytest.mark.parametrize("name", RATES)
def test_rates(name: str) -> None:
    recipe = entry(name).recipe()
    for epoch, rate in RATES[name].items():
        for step, steps in ((0, 1), (9, 3750)):
            e, k = epoch + 1, epoch * steps + step + 1
            theirs = (1 - 0.9**k) / (1 - 0.9**e) * np.sqrt((1 - 0.999**e) / (1 - 0.999**k))
            want = rate * (theirs if name in THEIR_ADAM else 1)
            assert recipe.rate_at(epoch, step, steps) == pytest.approx(want, rel=1e-12), epoch


# name -> what the layers of the authors' code do, one after the other
DROP, POOL = "drop .2", "pool 2"
FIRST = ("flatten", "784-128")
BLOCK_16, BLOCK_64 = ("conv 1-16", "relu"), ("conv 48-64", "relu", POOL, DROP)
FOUR = (*BLOCK_16, DROP, "conv 16-32", "relu", POOL, DROP, "conv 32-48", "relu", DROP, *BLOCK_64)
LAYERS = {
    "scratch-01": ("flatten", "784-100", "tanh", "100-50", "tanh", "50-10", "tanh"),
    "scratch-02": (*FIRST, "tanh", "128-10", "tanh"),
    "scratch-03": (*FIRST, "tanh", "128-10"),
    "scratch-04": (*FIRST, "tanh", "128-10"),
    "scratch-05": (*FIRST, "relu", DROP, "128-10"),
    **dict.fromkeys(
        ("scratch-06", "scratch-07", "scratch-08"),
        (*FIRST, "relu", DROP, "128-50", "relu", DROP, "50-10"),
    ),
    "scratch-09": ("conv 1-8", "relu", POOL, DROP, "conv 8-16", "relu", POOL, DROP, "flatten", "784-10"),
    "scratch-10": (
        *(*BLOCK_16, POOL, DROP, "conv 16-32", "relu", DROP, "conv 32-48", "relu", POOL, DROP),
        *("flatten", "2352-10"),
    ),
    "scratch-11": (*FOUR, "flatten", "3136-10"),
    "scratch-12": (*FOUR, "flatten", "3136-10"),
}


def said(layer: dict[str, Any]) -> str:
    """A layer in a word or two."""
    kind, config = layer["kind"], layer["config"]
    if kind == "conv2d":
        assert (config["kernel"], config["stride"], config["padding"]) == ([5, 5], [1, 1], "same")
    words = {
        "dense": "{c_in}-{c_out}",
        "conv2d": "conv {c_in}-{c_out}",
        "dropout": "drop {rate}",
        "max_pool2d": "pool {size[0]}",
    }
    return words.get(kind, kind).format(**config).replace(" 0.", " .")


@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_the_networks_from_scratch(name: str) -> None:
    layers = build(name).network.config()["layers"]
    assert tuple(said(layer) for layer in layers) == LAYERS[name]


@pytest.mark.parametrize("name", LENET_DOCUMENT)
def test_recipe_of_the_lenet_document(name: str) -> None:
    recipe = build(name).recipe
    assert recipe.epochs == 20
    assert [recipe.batch_size_at(epoch) for epoch in range(20)] == [32] * 4 + [64] * 4 + [128] * 4 + [
        256
    ] * 4 + [512] * 4
    assert recipe.batch_size_at(500) == 512  # a longer run does not double on and on
    assert recipe.optimizer.kind == "adam"
    assert recipe.optimizer.config() == {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "weight_decay": 0.01,
    }
    assert (recipe.short_batch, recipe.choose, recipe.augmentation) == ("resample", "best_of_last(4)", None)


def bound(name: str, at: str, shape: tuple[int, ...]) -> tuple[str, float]:
    """How a network's weights are drawn: the distribution, and its limit or its standard deviation."""
    *window, c_in, c_out = shape
    fan_in, fan_out = np.prod(window) * c_in, np.prod(window) * c_out
    number = int(name[-2:]) if name.startswith("scratch-") and name != "scratch-wide" else None
    if number is not None:
        return ("uniform", 0.5) if number < 8 else ("normal", np.sqrt(2 / fan_in))
    if name in AN:
        return "uniform", 1 / np.sqrt(fan_in)
    if name == "simplenet-slim":
        gaussian = at in ("conv3.weight", "conv4.weight", "conv5.weight")
        return ("normal", 0.01) if gaussian else ("uniform", np.sqrt(3 / fan_in))
    if name in ELASTIC and c_out != 10:
        return "normal", np.sqrt(2 / fan_in)
    if name == "mlp-800" and c_in == 784:
        return "normal", np.sqrt(2 / (fan_in + fan_out))
    return "uniform", np.sqrt(6 / (fan_in + fan_out))


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "lenet5-1998"])
def test_how_weights_and_biases_start(name: str) -> None:
    network = build(name).network
    network.initialise(3)
    uniform_biases = name in {f"scratch-0{i}" for i in range(1, 8)}
    for at, array in network.params.items():
        if at.startswith("norm"):
            continue
        if at.endswith(".bias"):
            assert array.any() == uniform_biases, at
            assert np.abs(array).max() <= 0.5, at
            continue
        kind, size = bound(name, at, array.shape)
        if kind == "uniform":
            assert size * 0.9 < np.abs(array).max() <= size * (1 + 1e-6), at
        else:
            assert array.std() == pytest.approx(size, rel=0.1 if array.size > 500 else 0.2), at


def test_lenet5_of_1998_is_the_papers() -> None:
    """Its numbers, layer by layer: section II.B; the whole without the output layer is 60,000."""
    network = build("lenet5-1998").network
    rows = {row.name: row for row in network.rows()}
    expected = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 850}
    assert {name: row.parameters for name, row in rows.items() if row.parameters} == expected
    assert sum(expected.values()) - expected["output"] == 60_000
    assert (rows["c3"].output_shape, rows["tanh4"].output_shape) == ((10, 10, 16), (5, 5, 16))
    assert sorted(map(len, C3)) == [3] * 6 + [4] * 9 + [6]
    assert len(set(C3)) == 16
    assert [sum(seen in row for row in C3) for seen in range(6)] == [10] * 6  # each map feeds ten
    network.initialise(0)
    for name, fan_in in {"c1": 25, "c3": 100, "c5": 400, "f6": 120}.items():
        assert 0.8 * 2.4 / fan_in < np.abs(network.params[f"{name}.weight"]).max() <= 2.4 / fan_in * 1.001
    np.testing.assert_array_equal(network.params["s2.weight"], np.ones(6))
    assert not any(network.params[f"{name}.bias"].any() for name in expected)


def test_strides_of_deotte_and_kernels_of_an() -> None:
    """Deotte's seven convolutions; An's, of one kernel size: 173, 137 and 148 million multiplications."""
    rows = {row.name: row.output_shape for row in build("deotte").network.rows()}
    convolutions = [shape for name, shape in rows.items() if name.startswith("conv")]
    sides, widths = (26, 24, 12, 10, 8, 4, 1), (32, 32, 32, 64, 64, 64, 128)
    assert convolutions == [(side, side, width) for side, width in zip(sides, widths, strict=True)]
    for name, millions in zip(AN, (173, 137, 148), strict=True):
        shapes = {row.name: row.output_shape for row in build(name).network.rows()}
        network = build(name).network
        network.initialise(0)
        weights = {at: array for at, array in network.params.items() if at.endswith("weight")}
        done = sum(
            array.size * np.prod(shapes[at.partition(".")[0]][:-1])
            for at, array in weights.items()
            if at.startswith(("conv", "fc"))
        )
        assert round(done / 1e6) == millions


def test_sides_of_simplenet() -> None:
    rows = build("simplenet-slim").network.rows()
    pooled = [row.output_shape[0] for row in rows if row.kind == "max_pool2d"]
    assert pooled == [14, 7, 4, 2, 1]
    assert [row.output_shape[2] for row in rows if row.kind == "conv2d"] == [
        *(64, 32, 32, 32, 32, 32, 64, 64, 64),
        *(128, 256, 64, 64),
    ]


@pytest.mark.parametrize("name", sorted(OUR_NETWORKS))
def test_our_networks(name: str) -> None:
    found, (parameters, seeds) = entry(name), OUR_NETWORKS[name]
    model = build(name)
    assert found.parameters == model.n_parameters == parameters
    assert len(set(found.seeds)) == len(found.seeds) == seeds
    assert (found.published, found.selection_set, found.aim is None) == (None, None, False)
    assert found.recipe() == model.recipe
    assert not model.recipe.validates


def test_the_committees_members_are_trials_of_the_record() -> None:
    """The same network, recipe and seeds: see `tenfold.zoo.record.SEEDS`."""
    committee, record = build("committee"), build("record")
    names = [name for name in committee.members if name.startswith("kernels-7")]
    for name in names:
        member = committee.members[name]
        assert member.network.config() == record.network.config()
        assert member.recipe == record.recipe
    seeds = [dict(zip(committee.members, member_seeds(draw, 5), strict=True)) for draw in range(3)]
    assert entry("record").seeds == tuple(by_name[name] for by_name in seeds for name in names)


@pytest.mark.parametrize("name", ["deotte-15", "an-vote"])
def test_published_ensembles(name: str) -> None:
    found = entry(name)
    model = build(name)
    assert isinstance(model, Ensemble)
    assert tuple(model.members) == found.members
    singles = ["deotte"] * 15 if name == "deotte-15" else list(AN)
    for member, single in zip(model.members.values(), singles, strict=True):
        assert member.network.config() == build(single).network.config()
        assert member.recipe == build(single).recipe
    assert sum(entry(single).parameters for single in singles) == found.parameters


def test_lenet5_shapes() -> None:
    rows = {row.name: row.output_shape for row in build("lenet5").network.rows()}
    assert rows["conv1"] == (28, 28, 6)
    assert rows["pool2"] == (5, 5, 16)
    assert rows["flatten"] == (400,)
    assert rows["fc3"] == (10,)


@pytest.mark.parametrize(("name", "offered"), [("lenet", "lenet5"), ("nn4l", "nn"), ("KNN", "knn")])
def test_a_mistyped_name_is_answered_with_the_nearest(name: str, offered: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown model '{name}'; .*{offered}"):
        build(name)


def test_each_build_is_a_new_model() -> None:
    first, second = build("nn1l"), build("nn1l")
    first.network.initialise(0)
    assert second.network.dtype is None
