"""The classifier with colour, large images, and networks of the user's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from tenfold.errors import ConfigError
from tenfold.estimator import TenfoldClassifier
from tenfold.nn import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel

NAMES = np.array(["cat", "dog", "owl"])
SHAPES = {"colour": (12, 14, 3), "large": (30, 40), "two channels": (9, 9, 2)}


def samples(shape: tuple[int, ...], n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Return images of three classes that differ, and their names."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    images = rng.integers(0, 60, (n, *shape)) + 80 * labels.reshape(n, *[1] * len(shape))
    return images.astype(np.uint8), NAMES[labels]


def own(classes: int, input_shape: tuple[int, ...]) -> Sequential:
    h, w, c = input_shape
    layers = {"conv": Conv2d(c, 4, 3), "relu": ReLU(), "pool": MaxPool2d(2), "flatten": Flatten()}
    return Sequential({**layers, "fc": Dense(4 * ((h - 2) // 2) * ((w - 2) // 2), classes)}, input_shape)


NETWORKS: dict[str, Any] = {
    "name": "nn2l",
    "function": own,
    "function with a recipe": lambda classes, input_shape: NetworkModel(
        "mine", own(classes, input_shape), Recipe(3, batch_size=10)
    ),
    "network": own(10, (28, 28, 1)),
}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_images_of_any_shape_are_learnt_and_named(network: Any, shape: tuple[int, ...]) -> None:
    images, names = samples(shape)
    classifier = TenfoldClassifier(
        network, epochs=8, batch_size=6, learning_rate=1e-3, validation_fraction=0, random_state=0
    )
    found = clone(classifier).fit(images, names)
    assert found.classes_.tolist() == NAMES.tolist()
    assert found.model_.input_shape == (*shape, 1)[:3]
    assert found.predict_proba(images[:4]).shape == (4, 3)
    assert found.score(images, names) > 0.6
    rows = images.reshape(len(images), -1)
    np.testing.assert_array_equal(found.predict_proba(rows), found.predict_proba(images))


def test_the_given_network_stays_as_it_is() -> None:
    network = own(3, (12, 14, 3))
    network.initialise(0)
    before = {name: array.copy() for name, array in network.params.items()}
    TenfoldClassifier(network, epochs=1, random_state=0).fit(*samples((12, 14, 3)))
    assert all((network.params[name] == array).all() for name, array in before.items())


REFUSED = {
    "a function of other arguments": (lambda: None, "expected a function of classes and input_shape, got"),
    "a function of nothing": (
        lambda classes, input_shape: 7,
        "expected a function that returns a Sequential, got one that returns 7; return the network",
    ),
    "a number": (7, "expected a name of the zoo, a Sequential or a function that builds one, got 7"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_network_is_refused(name: str, refused_in_one_line: Any) -> None:
    network, message = REFUSED[name]
    with refused_in_one_line(ConfigError, f"network: {message}"):
        TenfoldClassifier(network).fit(*samples((12, 14, 3)))
