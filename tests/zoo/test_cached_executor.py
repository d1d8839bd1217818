"""A network's outputs: from what is there now, bytes and floats alike, for several threads."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tenfold.zoo.cached_executor as cached_executor
from tenfold.nn import BatchNorm, Dense, Dropout, Flatten, Sequential, Tanh
from tenfold.zoo import NetworkModel, build
from tenfold.zoo.model_input import as_images, as_rows

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 28, 28), dtype=np.uint8)


@pytest.fixture
def model() -> NetworkModel:
    """A network with every kind of number, its weights in an order of memory of their own."""
    network = Sequential(
        {"flatten": Flatten(), "norm": BatchNorm(784), "drop": Dropout(0.5), "fc": Dense(784, 10)},
        (28, 28, 1),
    )
    network.initialise(0)
    weight = np.asfortranarray(network.params["fc.weight"])
    network.assign(network.params | {"fc.weight": weight}, network.state)
    return NetworkModel("mine", network)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The executors that are made."""
    found: list[object] = []
    original = cached_executor.executor_for

    def counted(*arguments: object) -> object:
        found.append(original(*arguments))
        return found[-1]

    monkeypatch.setattr(cached_executor, "executor_for", counted)
    return found


def fresh(model: NetworkModel) -> np.ndarray:
    """What a model that was never asked before says."""
    return NetworkModel("fresh", model.network).predict_proba(IMAGES)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_executor_for_many_predictions(dtype: type, model: NetworkModel, made: list[object]) -> None:
    if dtype is np.float64:
        model.network.initialise(0, dtype)
    whole = model.predict_proba(IMAGES)
    for i in range(5):
        np.testing.assert_allclose(model.predict_proba(IMAGES[i : i + 1]), whole[i : i + 1], rtol=1e-6)
    assert len(made) == 1


def write_in_place(model: NetworkModel) -> None:
    model.network.params["fc.weight"][300, 4] += 3


def write_statistics(model: NetworkModel) -> None:
    model.network.state["norm.running_mean"][300] += 100


def replace_parameters(model: NetworkModel) -> None:
    model.network.initialise(1)


def load_parameters(model: NetworkModel) -> None:
    network = model.network
    network.load({name: array + 1 for name, array in network.params.items()}, network.state)


def replace_the_network(model: NetworkModel) -> None:
    """By another with the same numbers."""
    old = model.network
    layers = {"flatten": Flatten(), "norm": BatchNorm(784), "tanh": Tanh(), "fc": Dense(784, 10)}
    model.network = Sequential(layers, (28, 28, 1))
    model.network.load(old.params, old.state)


CHANGES = [write_in_place, write_statistics, replace_parameters, load_parameters, replace_the_network]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_noticed(change: Callable[[NetworkModel], None], model: NetworkModel) -> None:
    before = model.predict_proba(IMAGES)
    change(model)
    after = model.predict_proba(IMAGES)
    assert abs(after - before).max() > 1e-3
    np.testing.assert_array_equal(after, fresh(model))


def test_threads_share_a_model() -> None:
    model = build("lenet5")
    model.network.initialise(0)
    want = [model.predict_proba(image[np.newaxis]) for image in IMAGES]
    model = NetworkModel("again", model.network)  # the threads meet over the making too
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            found = list(pool.map(lambda image: model.predict_proba(image[np.newaxis]), IMAGES))
            np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_answers_alike_and_for_itself(
    copied: Callable[[NetworkModel], NetworkModel], model: NetworkModel
) -> None:
    size = len(pickle.dumps(model))
    want = model.predict_proba(IMAGES)
    assert len(pickle.dumps(model)) == size  # the engine's memory is left out
    other = copied(model)
    np.testing.assert_array_equal(other.predict_proba(IMAGES), want)
    other.network = copy.deepcopy(model.network)
    write_in_place(other)
    assert abs(other.predict_proba(IMAGES) - want).max() > 1e-3
    np.testing.assert_array_equal(model.predict_proba(IMAGES), want)


@pytest.mark.parametrize("shape", [(40, 28, 28), (40, 28, 28, 1)])
def test_bytes_are_neither_copied_nor_converted(shape: tuple[int, ...]) -> None:
    found = as_images(IMAGES.reshape(shape))
    assert (found.dtype, found.shape) == (np.uint8, (40, 28, 28))
    assert np.shares_memory(found, IMAGES)


def test_rows_are_made_without_a_detour() -> None:
    images = np.zeros((1000, 28, 28), np.uint8)
    tracemalloc.start()
    try:
        rows = as_rows(images)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows.nbytes <= peak < 1.05 * rows.nbytes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_floats_keep_their_digits(dtype: type) -> None:
    images = RNG.random((3, 28, 28)).astype(dtype)
    np.testing.assert_array_equal(as_rows(images), images.reshape(3, 784).astype(np.float64), strict=True)
