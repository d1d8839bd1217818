"""The networks that are timed, and by how much each is to be faster than PyTorch.

All have AdamW and no augmentation, whatever their authors trained with: what is compared is the
engine, not the recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenfold.nn import BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer, MaxPool2d, ReLU, Sequential
from tenfold.zoo import NetworkModel, build


@dataclass(frozen=True)
class Timed:
    """A network, the minibatches that its epoch is timed with, and what its ratios are to reach."""

    build: Callable[[], Sequential]
    minibatches: tuple[int, ...]
    train_target: float
    predict_target: float


def from_zoo(name: str) -> Callable[[], Sequential]:
    """Return how the zoo builds a network."""

    def network() -> Sequential:
        model = build(name)
        if not isinstance(model, NetworkModel):
            raise TypeError(f"{name}: expected a network, got {type(model).__name__}")
        return model.network

    return network


def in_a_row(*layers: Layer) -> Sequential:
    """Return a network for digits of layers that are named by kind and place."""
    return Sequential({f"{layer.kind}{i}": layer for i, layer in enumerate(layers)}, (28, 28, 1))


def cnn_ref() -> Sequential:
    """Return the reference network of "MNIST MLP and CNN", which is also the Keras LeNet."""
    return in_a_row(
        Conv2d(1, 32, 3), ReLU(), Conv2d(32, 64, 3), ReLU(), MaxPool2d(2), Dropout(0.25),
        Flatten(), Dense(9216, 128), ReLU(), Dropout(0.5), Dense(128, 10),
    )  # fmt: skip


def cnn_dev() -> Sequential:
    """Return the developed network of "MNIST MLP and CNN"."""
    return in_a_row(
        Conv2d(1, 32, 3), ReLU(), MaxPool2d(2), Dropout(0.5),
        Conv2d(32, 64, 3), ReLU(), MaxPool2d(2), Dropout(0.5),
        Flatten(), Dense(1600, 128), ReLU(), Dropout(0.5), Dense(128, 10),
    )  # fmt: skip


def scratch_small() -> Sequential:
    """Return networks 09 and 10 of "Developing an image recognition neural network from scratch"."""
    return in_a_row(
        Conv2d(1, 8, 5, padding=2), ReLU(), MaxPool2d(2), Dropout(0.2),
        Conv2d(8, 16, 5, padding=2), ReLU(), MaxPool2d(2), Dropout(0.2),
        Flatten(), Dense(784, 10),
    )  # fmt: skip


def scratch_layers(a: int, b: int, c: int, d: int) -> list[Layer]:
    """Return the four convolutions that the later networks of the same document share."""
    return [
        Conv2d(1, a, 5, padding=2), ReLU(), Dropout(0.2),
        Conv2d(a, b, 5, padding=2), ReLU(), MaxPool2d(2), Dropout(0.2),
        Conv2d(b, c, 5, padding=2), ReLU(), Dropout(0.2),
        Conv2d(c, d, 5, padding=2), ReLU(), MaxPool2d(2), Dropout(0.2),
        Flatten(), Dense(49 * d, 10),
    ]  # fmt: skip


def scratch_large() -> Sequential:
    """Return its networks 11 and 12."""
    return in_a_row(*scratch_layers(16, 32, 48, 64))


def scratch_wide() -> Sequential:
    """Return its last network."""
    return in_a_row(*scratch_layers(32, 64, 96, 128), BatchNorm(10), Dense(10, 10))


def ghouzam() -> Sequential:
    """Return the network of Y. Ghouzam's kernel for the Kaggle competition."""
    return in_a_row(
        Conv2d(1, 32, 5, padding=2), ReLU(), Conv2d(32, 32, 5, padding=2), ReLU(), MaxPool2d(2),
        Dropout(0.25), Conv2d(32, 64, 3, padding=1), ReLU(), Conv2d(64, 64, 3, padding=1), ReLU(),
        MaxPool2d(2), Dropout(0.25), Flatten(), Dense(3136, 256), ReLU(), Dropout(0.5), Dense(256, 10),
    )  # fmt: skip


NETWORKS = {
    "nn1l": Timed(from_zoo("nn1l"), (32,), 3, 2),
    "nn2l": Timed(from_zoo("nn2l"), (32,), 3, 2),
    "nn3l": Timed(from_zoo("nn3l"), (32,), 3, 2),
    "lenet5": Timed(from_zoo("lenet5"), (32, 512), 3, 3),
    "cnn-dev": Timed(cnn_dev, (64,), 2, 2),
    "cnn-ref": Timed(cnn_ref, (32,), 2, 2),
    "keras-lenet": Timed(cnn_ref, (128,), 2, 2),
    "scratch-09": Timed(scratch_small, (16,), 3, 3),
    "scratch-12": Timed(scratch_large, (16,), 1.5, 1.5),
    "ghouzam": Timed(ghouzam, (86,), 1.5, 1.5),
    "scratch-wide": Timed(scratch_wide, (64,), 1.5, 1.5),
}
