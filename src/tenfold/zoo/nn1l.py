"""One layer: softmax regression, trained as the deeper networks are."""

from __future__ import annotations

from tenfold.nn import Dense, Flatten, Sequential
from tenfold.zoo.entry import Entry
from tenfold.zoo.lenet_recipe import lenet_recipe, two_versions
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published
from tenfold.zoo.references import CHOICE, LENET_DOCUMENT, PUBLISHED_SEEDS


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
        two_versions(
            (
                (0.9282, 0.9278, 0.9277, 0.9280, 0.9280),
                (0.26050183, 0.26073266, 0.26171102, 0.26155293, 0.26067474),
            ),
            (
                (0.9280, 0.9278, 0.9274, 0.9278, 0.9280),
                (0.26035239, 0.26056829, 0.26157103, 0.26140097, 0.26053311),
            ),
            timed=(501968, 13.156, 0.036),
        ),
        LENET_DOCUMENT,
        train_seconds=13.0,
    ),
    seeds=PUBLISHED_SEEDS,
    parameters=7850,
    recipe=lenet_recipe,
    selection_set="test",
    notes=CHOICE,
)
