"""A network with a layer of its own, for ``tenfold train --network own_network.py``."""

import numpy as np

from tenfold import nn
from tenfold.optim import Adam, CosineDecay
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel


class Swish(nn.Elementwise):
    """``y = x / (1 + exp(-x))``."""

    kind = "swish"

    @staticmethod
    def function(x: nn.Array) -> nn.Array:
        return x / (1 + np.exp(-x))

    @staticmethod
    def derivative(x: nn.Array, y: nn.Array) -> nn.Array:
        return y + (1 - y) / (1 + np.exp(-x))


def build(classes: int = 10, input_shape: tuple[int, int, int] = (28, 28, 1)) -> NetworkModel:
    """Return a small network with its recipe; the data give the classes and the shape of the images."""
    h, w, c = input_shape
    network = nn.Sequential(
        {
            "conv": nn.Conv2d(c, 8, 3),  # (n, h - 2, w - 2, 8)
            "act": Swish(),
            "pool": nn.AvgPool2d(2),
            "flatten": nn.Flatten(),
            "fc": nn.Dense(((h - 2) // 2) * ((w - 2) // 2) * 8, classes),  # (n, classes)
        },
        input_shape,
    )
    recipe = Recipe(epochs=5, batch_size=32, optimizer=Adam(1e-3), rate=CosineDecay(1.0, 5, end=0.1))
    return NetworkModel("swish-net", network, recipe)
