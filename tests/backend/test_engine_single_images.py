"""Steps on one image at a time: pixels that are 0 are passed over, and threads without an image stay out."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.nn import Conv2d, Dense, Flatten, MeanSquaredError, Sequential, Tanh
from tenfold.optim import SGD, Adam, RMSprop
from tenfold.train import DefinitionExecutor
from tenfold.train.compiled import CompiledExecutor

NETWORKS = {
    "dense": {
        "flatten": Flatten(),
        "fc1": Dense(196, 37),
        "tanh1": Tanh(),
        "fc2": Dense(37, 10),
        "tanh2": Tanh(),
    },
    "one layer": {"flatten": Flatten(), "fc": Dense(196, 10)},
    "convolution": {"conv": Conv2d(1, 5, 3), "tanh": Tanh(), "flatten": Flatten(), "fc": Dense(720, 10)},
}
OPTIMISERS = {
    "sgd": SGD(0.05),
    "sgd, decay": SGD(0.05, weight_decay=0.1),
    "sgd, momentum": SGD(0.005, momentum=0.9),
    "rmsprop": RMSprop(1e-3),
    "adam": Adam(1e-3),
}
STEPS = 40


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Images that are mostly 0, one of them all over."""
    rng = np.random.default_rng(5)
    images = rng.integers(1, 256, (STEPS, 14, 14), dtype=np.uint8)
    images[rng.random(images.shape) < 0.75] = 0
    images[7] = 0
    images[8] = 255
    return images, rng.integers(0, 10, STEPS)


def after(executor, digits, batch_size: int = 1, rate: float = 0.05) -> dict[str, np.ndarray]:
    """The parameters after an epoch."""
    images, labels = digits
    rates = np.full(STEPS // batch_size, rate)
    executor.train(images, labels, np.arange(STEPS), batch_size, rates, np.random.default_rng(0))
    return executor.export().params


def network_of(name: str, dtype: type = np.float32) -> Sequential:
    network = Sequential(NETWORKS[name], (14, 14, 1))
    network.initialise(1, dtype)
    return network


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("name", NETWORKS)
def test_single_images_move_as_in_the_definition(name: str, optimiser: str, digits) -> None:
    chosen, loss = OPTIMISERS[optimiser], MeanSquaredError()
    rate = chosen.learning_rate
    found = after(CompiledExecutor(network_of(name), loss, chosen, threads=2), digits, rate=rate)
    want = after(DefinitionExecutor(network_of(name, np.float64), loss, chosen), digits, rate=rate)
    for at, array in want.items():
        np.testing.assert_allclose(found[at], array, rtol=2e-3, atol=2e-5, err_msg=at)


@pytest.mark.parametrize("batch_size", [1, 2])
@pytest.mark.parametrize("name", NETWORKS)
def test_more_threads_than_images_change_nothing(name: str, batch_size: int, digits) -> None:
    """The sums over a minibatch are made for each thread, and those without an image have nothing to add."""
    chosen, loss = SGD(0.05), MeanSquaredError()
    few, many = (
        after(CompiledExecutor(network_of(name), loss, chosen, threads=threads), digits, batch_size)
        for threads in (batch_size, 5)
    )
    for at, array in few.items():
        np.testing.assert_array_equal(many[at], array, err_msg=at)


def test_weights_of_pixels_that_were_never_lit_stay(digits) -> None:
    images, labels = digits[0].copy(), digits[1]
    images[:, 3:7] = 0
    network = network_of("dense")
    before = network.params["fc1.weight"].copy()
    found = after(CompiledExecutor(network, MeanSquaredError(), SGD(0.05), threads=2), (images, labels))
    moved = (found["fc1.weight"] != before).any(axis=1).reshape(14, 14)
    np.testing.assert_array_equal(moved, (images != 0).any(axis=0))
