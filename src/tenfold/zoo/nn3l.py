"""Three layers: 300 and 100 hidden units."""

from __future__ import annotations

from tenfold.nn import Dense, Flatten, ReLU, Sequential
from tenfold.zoo.entry import Entry
from tenfold.zoo.lenet_recipe import lenet_recipe, two_versions
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published
from tenfold.zoo.references import CHOICE, LENET_DOCUMENT, PUBLISHED_SEEDS


def nn3l_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "flatten": Flatten(),
            "fc1": Dense(784, 300),
            "relu1": ReLU(),
            "fc2": Dense(300, 100),
            "relu2": ReLU(),
            "fc3": Dense(100, 10),
        },
        input_shape=(28, 28, 1),
    )


NN3L = Entry(
    name="nn3l",
    title="784-300 ReLU-100 ReLU-10",
    build=lambda entry: NetworkModel(entry.name, nn3l_network(), lenet_recipe()),
    published=Published.each(
        0.98521,
        two_versions(
            (
                (0.9846, 0.9855, 0.9859, 0.9854, 0.9852),
                (0.07399002, 0.06779772, 0.06571614, 0.07179799, 0.07115798),
            ),
            (
                (0.9847, 0.9845, 0.9851, 0.9850, 0.9862),
                (0.07306178, 0.07069950, 0.07051562, 0.07213257, 0.06784449),
            ),
            timed=(501968, 102.934, 0.122),
        ),
        LENET_DOCUMENT,
        train_seconds=103.0,
    ),
    seeds=PUBLISHED_SEEDS,
    parameters=266_610,
    recipe=lenet_recipe,
    selection_set="test",
    notes=CHOICE,
)
