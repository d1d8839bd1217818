"""What is given to tenfold and what it hands out share nothing with what it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from tenfold.checkpoint import load
from tenfold.data import AUGMENTATIONS, Dataset, augmentation_from_config
from tenfold.estimator import TenfoldClassifier
from tenfold.nn import BatchNorm, Conv2d, Dense, Flatten, Sequential
from tenfold.optim import CosineDecay, LinearWarmup, PiecewiseConstant, Product
from tenfold.train import DefinitionExecutor, EarlyStopping, Recipe, ReduceOnPlateau, executor_for
from tenfold.train.augmentation import augmentation_config
from tenfold.zoo import ClassicalModel, Model, NetworkModel, build

apart = pytest.mark.fault(
    "data in memory",
    "arguments or results are changed later",
    "models and recipes do not change",
)


def spoil(value: Any) -> None:
    """Write to everything in a result that can be written to."""
    if isinstance(value, np.ndarray):
        if value.flags.writeable:
            value[...] = 1 if value.dtype.kind in "iu" else 0.5
    elif isinstance(value, dict):
        for inner in list(value.values()):
            spoil(inner)
        value.clear()
    elif isinstance(value, list):
        for inner in value:
            spoil(inner)
        value.clear()
    elif isinstance(value, tuple):
        for inner in value:
            spoil(inner)
    elif hasattr(value, "slots"):
        spoil(value.slots)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset(rng.integers(0, 256, (60, 28, 28), np.uint8), np.arange(60) % 10, "noise")


def new_network() -> Sequential:
    layers = {
        "conv": Conv2d(1, 2, 5, stride=4),
        "flatten": Flatten(),
        "fc": Dense(72, 10),
        "bn": BatchNorm(10),
    }
    network = Sequential(layers, (28, 28, 1))
    network.initialise(0)
    return network


@apart
@pytest.mark.parametrize("name", ["gaussian-nb", "ridge-linear", "elm-500", "knn", "logistic-regression"])
def test_a_classical_model(name: str, digits: Dataset, tmp_path) -> None:
    model = build(name)
    assert isinstance(model, ClassicalModel)
    model.fit(digits)
    want = model.predict_proba(digits.images)
    given = {key: array.copy() for key, array in model.state.items()}
    again = ClassicalModel(name, model.method, given)
    for array in given.values():
        spoil(array)
    saved = load(model.save(tmp_path / "model")).tensors["weights"]
    for one in (model, again):
        for array in one.state.values():
            spoil(array)
        spoil(one.predict_proba(digits.images))
        np.testing.assert_array_equal(one.predict_proba(digits.images), want)
    for key, array in model.state.items():
        np.testing.assert_array_equal(saved[key], array)


def handed_out(model: NetworkModel, images: np.ndarray) -> Iterator[Any]:
    yield model.predict_proba(images)
    yield model.logits(images)
    yield model.network.infer((images[..., None] / np.float32(255)).astype(np.float32))
    yield model.network.param_shapes
    yield model.network.config()
    yield dict(model.network.layers)
    yield [layer.config() for layer in model.network.layers.values()]


@apart
def test_a_network(digits: Dataset) -> None:
    model = NetworkModel("mine", new_network())
    want = model.predict_proba(digits.images)
    for result in handed_out(model, digits.images):
        spoil(result)
        np.testing.assert_array_equal(model.predict_proba(digits.images), want)


@apart
def test_parameters_that_were_loaded(digits: Dataset) -> None:
    network = new_network()
    params, state = ({k: a.copy() for k, a in named.items()} for named in (network.params, network.state))
    layers = dict(network.layers)
    again = Sequential(layers, (28, 28, 1))
    again.load(params, state)
    want = NetworkModel("mine", again).predict_proba(digits.images)
    for given in (params, state, layers):
        spoil(given)
    np.testing.assert_array_equal(NetworkModel("mine", again).predict_proba(digits.images), want)


@apart
@pytest.mark.parametrize("executor", [DefinitionExecutor, executor_for])
def test_what_an_executor_exports_and_takes_up(executor: Callable[..., Any], digits: Dataset) -> None:
    recipe = Recipe(1)
    runner = executor(new_network(), recipe.loss, recipe.optimizer)
    steps = digits.images, digits.labels, np.arange(60), 20, np.full(3, 0.01), np.random.default_rng(0)
    runner.train(*steps)
    want = deepcopy(tuple(runner.export()))
    spoil(tuple(runner.export()))
    spoil(runner.logits(digits.images))
    given = runner.export()
    runner.restore(*given)
    spoil(tuple(given))
    for found, expected in zip(runner.export()[:2], want[:2], strict=True):
        for name, array in expected.items():
            np.testing.assert_array_equal(found[name], array)
    found, expected = runner.export()[2], want[2]
    for slot, arrays in expected.slots.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(found.slots[slot][name], array)


RECIPES: dict[str, Callable[[], Recipe]] = {
    "plain": lambda: Recipe(3),
    "steps": lambda: Recipe(3, PiecewiseConstant([1, 2], [8, 16, 32])),
    "a product": lambda: Recipe(3, rate=Product(LinearWarmup(1.0, 1), CosineDecay(1.0, 3))),
    "stopping": lambda: Recipe(3, early_stopping=EarlyStopping(), plateau=ReduceOnPlateau("train_loss")),
    **{
        kind: lambda kind=kind: Recipe(3, augmentation=AUGMENTATIONS[kind]())
        for kind in sorted(AUGMENTATIONS)
        if kind not in ("chain", "negatives")
    },
}


@apart
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_and_its_configuration(name: str) -> None:
    recipe = RECIPES[name]()
    want, config = recipe.hash, recipe.config()
    augmentation = recipe.augmentation
    if augmentation is not None:
        named = augmentation_config(augmentation)
        augmentation = augmentation_from_config(named["kind"], named["config"])
        spoil(named)
    again = Recipe.from_config(config, augmentation=augmentation)
    spoil(config)
    spoil(recipe.config())
    assert recipe.hash == again.hash == want


@apart
def test_lists_given_to_a_schedule() -> None:
    boundaries, values = [1, 2], [8, 16, 32]
    schedule = PiecewiseConstant(boundaries, values)
    spoil(boundaries)
    spoil(values)
    assert [schedule(epoch) for epoch in range(3)] == [8, 16, 32]


@apart
def test_the_classifier(digits: Dataset) -> None:
    images, labels = digits.images.copy(), digits.labels.copy()
    classifier = TenfoldClassifier("nn1l", epochs=1, random_state=0).fit(images, labels)
    want = classifier.predict_proba(digits.images)
    for result in (images, labels, classifier.history_, classifier.predict_proba(digits.images)):
        spoil(result)
    spoil(classifier.predict(digits.images))
    np.testing.assert_array_equal(classifier.predict_proba(digits.images), want)
    assert isinstance(classifier.model_, Model)
