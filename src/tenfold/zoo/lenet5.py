"""LeNet-5 as one would build it today: ReLU and max pooling instead of tanh and averages.

References
----------
Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86(11), 1998, section II.B.
"""

from __future__ import annotations

from tenfold.nn import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential
from tenfold.zoo.entry import Entry
from tenfold.zoo.lenet_recipe import lenet_recipe, two_versions
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published
from tenfold.zoo.references import CHOICE, LENET_DOCUMENT, PUBLISHED_SEEDS


def lenet5_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "conv1": Conv2d(1, 6, 5, padding=2),  # (n, 28, 28, 6)
            "relu1": ReLU(),
            "pool1": MaxPool2d(2),  # (n, 14, 14, 6)
            "conv2": Conv2d(6, 16, 5),  # (n, 10, 10, 16)
            "relu2": ReLU(),
            "pool2": MaxPool2d(2),  # (n, 5, 5, 16)
            "flatten": Flatten(),  # (n, 400)
            "fc1": Dense(400, 120),
            "relu3": ReLU(),
            "fc2": Dense(120, 84),
            "relu4": ReLU(),
            "fc3": Dense(84, 10),
        },
        input_shape=(28, 28, 1),
    )


LENET5 = Entry(
    name="lenet5",
    title="Modern LeNet-5: two convolutions, three dense layers, ReLU, max pooling",
    build=lambda entry: NetworkModel(entry.name, lenet5_network(), lenet_recipe()),
    published=Published.each(
        0.99268,
        two_versions(
            (
                (0.9918, 0.9931, 0.9927, 0.9926, 0.9934),
                (0.03765677, 0.03259571, 0.03205660, 0.03206977, 0.02814923),
            ),
            (
                (0.9911, 0.9936, 0.9926, 0.9925, 0.9934),
                (0.04396292, 0.02748846, 0.03367966, 0.03508965, 0.03135264),
            ),
            timed=(924519, 4737.634, 18.365),
        ),
        LENET_DOCUMENT,
        train_seconds=4738.0,
        predict_seconds=18.4,
    ),
    seeds=PUBLISHED_SEEDS,
    parameters=61_706,
    recipe=lenet_recipe,
    selection_set="test",
    notes=CHOICE,
)
