"""Two layers: 300 hidden units."""

from __future__ import annotations

from tenfold.nn import Dense, Flatten, ReLU, Sequential
from tenfold.zoo.entry import Entry
from tenfold.zoo.lenet_recipe import lenet_recipe, two_versions
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published
from tenfold.zoo.references import CHOICE, LENET_DOCUMENT, PUBLISHED_SEEDS


def nn2l_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "flatten": Flatten(),
            "fc1": Dense(784, 300),
            "relu1": ReLU(),
            "fc2": Dense(300, 10),
        },
        input_shape=(28, 28, 1),
    )


NN2L = Entry(
    name="nn2l",
    title="784-300 ReLU-10",
    build=lambda entry: NetworkModel(entry.name, nn2l_network(), lenet_recipe()),
    published=Published.each(
        0.98404,
        two_versions(
            (
                (0.9846, 0.9845, 0.9841, 0.9830, 0.9840),
                (0.05692169, 0.05742506, 0.06108960, 0.06455030, 0.06027281),
            ),
            (
                (0.9845, 0.9841, 0.9841, 0.9834, 0.9841),
                (0.05881709, 0.05793530, 0.06146228, 0.06496046, 0.05998135),
            ),
            timed=(501968, 96.551, 0.082),
        ),
        LENET_DOCUMENT,
        train_seconds=97.0,
    ),
    seeds=PUBLISHED_SEEDS,
    parameters=238_510,
    recipe=lenet_recipe,
    selection_set="test",
    notes=CHOICE,
)
