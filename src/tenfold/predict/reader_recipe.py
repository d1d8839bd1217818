"""The built-in network for people's own digits, and its recipe.

It is not in the zoo, which has published models.
"""

from __future__ import annotations

from tenfold import zoo
from tenfold.data import (
    Chain,
    Negatives,
    RandomFrame,
    RandomMarks,
    RandomNeighbours,
    RandomPen,
    RandomPhoto,
    RandomStyles,
    RandomWarp,
)
from tenfold.nn import Conv2d, Dense, Dropout, Flatten, MaxPool2d, OpenSetCrossEntropy, ReLU, Sequential
from tenfold.optim import Adam, CosineDecay
from tenfold.registry import lookup
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel, Trainable

NAME = "reader"
VALIDATION = 5_000
"""Held-out training images of MNIST, for the choice of temperature and threshold."""
SEED = 0


def reader_network() -> Sequential:
    """Return the network: He normal weights, zero biases; 361,322 parameters."""
    he = "he_normal"
    return Sequential(
        {
            "conv1": Conv2d(1, 32, 3, weight_init=he),  # (n, 26, 26, 32)
            "relu1": ReLU(),
            "conv2": Conv2d(32, 32, 3, weight_init=he),  # (n, 24, 24, 32)
            "relu2": ReLU(),
            "pool1": MaxPool2d(2),  # (n, 12, 12, 32)
            "conv3": Conv2d(32, 64, 3, padding="same", weight_init=he),  # (n, 12, 12, 64)
            "relu3": ReLU(),
            "conv4": Conv2d(64, 64, 3, padding="same", weight_init=he),
            "relu4": ReLU(),
            "pool2": MaxPool2d(2),  # (n, 6, 6, 64)
            "flatten": Flatten(),  # (n, 2304)
            "fc1": Dense(2304, 128, weight_init=he),
            "relu5": ReLU(),
            "drop": Dropout(0.3),
            "fc2": Dense(128, 10),
        },
        input_shape=(28, 28, 1),
    )


def reader_augmentation(strength: float = 1.0) -> Chain:
    """Return an augmentation with other handwritings, pens and papers, and one image in four without a digit.

    Changes of the ink come first. Then the digit gets MNIST's size and position, as at prediction. The
    faults of photos come last.

    Parameters
    ----------
    strength : float
        0.5 changes half as many images in each way, by the same amounts.
    """
    s = strength
    return Chain(
        [
            Negatives(share=0.25),
            RandomStyles(chance=0.3 * s, written=0.3),
            RandomPen(
                redrawn=0.3 * s, spread=0.2 * s, outlined=0.04 * s, crisp=0.2, thinnest=0.8, thickest=5.2
            ),
            RandomWarp(zoom=0.18, rotation=20, shear=16, bend=1.1, chance=0.8 * s),
            RandomNeighbours(scraps=0.1 * s, stops=0.05 * s, rules=0.05 * s),
            RandomMarks(lines=0.11 * s, dots=0.06 * s, gaps=0.04 * s, impulses=0.03 * s),
            RandomFrame(zoom=0.12, shift=1.5, chance=0.5 * s, kept=0.25),
            RandomPhoto(blur=2.5, contrast=1, noise=0.2, shade=0.4, sweep=0.1, glass=0.12, chance=0.38 * s),
        ]
    )


def reader_recipe() -> Recipe:
    """Return Adam with a cosine decay that later stages take to its end; the weights are a mean of epochs."""
    return _recipe(epochs=63, rate=2e-3, strength=1.0, decay=90)


def finishing_recipes() -> tuple[Recipe, ...]:
    """Return the recipes of the later stages: smaller steps, with less and less augmentation."""
    return (
        _recipe(epochs=16, rate=5e-4, strength=0.7),
        _recipe(epochs=10, rate=5e-4, strength=0.4, averaged=4),
    )


def _recipe(epochs: int, rate: float, strength: float, averaged: int = 6, decay: int | None = None) -> Recipe:
    return Recipe(
        epochs=epochs,
        batch_size=128,
        optimizer=Adam(rate),
        rate=CosineDecay(1.0, decay or epochs, end=0.02),
        loss=OpenSetCrossEntropy(),
        augmentation=reader_augmentation(strength),
        short_batch="drop",
        choose=f"mean_of_last({averaged})",
    )


READER = Trainable(
    name=NAME,
    title="The built-in network: four convolutions, trained to read people's own digits",
    build=lambda entry: NetworkModel(entry.name, reader_network(), reader_recipe()),
    parameters=361_322,
    recipe=reader_recipe,
)
"""The model of `tenfold train reader`."""


def trainable(name: str) -> Trainable:
    """Return the model of a name on the command line: an entry of the zoo, or this network.

    Raises
    ------
    ConfigError
        If there is no such model; the nearest name is offered.
    """
    return lookup("model", name, {**zoo.ENTRIES, NAME: READER})
