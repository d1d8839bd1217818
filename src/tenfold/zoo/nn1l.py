"""One layer: softmax regression, trained as the deeper networks are."""

from __future__ import annotations

from tenfold.nn import Dense, Flatten, Sequential
from tenfold.zoo.entry import Entry, Published
from tenfold.zoo.lenet_recipe import lenet_recipe
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.sources import CHOICE, LENET_DOCUMENT, PUBLISHED_SEEDS


def nn1l_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "flatten": Flatten(),
            "fc": Dense(784, 10),
        },
        input_shape=(28, 28, 1),
    )


NN1L = Entry(
    name="nn1l",
    title="784-10 softmax",
    build=lambda entry: NetworkModel(entry.name, nn1l_network(), lenet_recipe()),
    published=Published.each(
        0.92787,
        (0.9282, 0.9278, 0.9277, 0.9280, 0.9280, 0.9280, 0.9278, 0.9274, 0.9278, 0.9280),
        LENET_DOCUMENT,
        cost=(0.2604, 0.2617),
        train_seconds=13.0,
    ),
    seeds=PUBLISHED_SEEDS,
    parameters=7850,
    recipe=lenet_recipe,
    choice="test",
    notes=CHOICE,
)
