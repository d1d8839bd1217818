"""Speed runs: for each target accuracy, the training that is to reach it in the least time.

Each entry is fixed beforehand: network, optimiser, schedule, epochs, minibatch, augmentation. It was chosen
on 10,000 validation images, by trainings on the other 50,000 (``results/experiments/speedrun.json``); the
test images had no part in it. A speed run then trains it on all 60,000 images from random weights, and
evaluates it on the test images once, at the end.

Trainings consist of whole epochs: where less than an epoch is enough, a smaller network is faster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tenfold.data import RandomAffine
from tenfold.errors import ConfigError
from tenfold.nn import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2d,
    ReLU,
    Sequential,
)
from tenfold.optim import Adam, CosineDecay, LinearWarmup, Product
from tenfold.quoting import quoted
from tenfold.train import Recipe
from tenfold.zoo.digest import digest_of
from tenfold.zoo.ensembles import HE, warped

SIDE = 28
TEN_SEEDS = tuple(range(10))
THREE_SEEDS = tuple(range(3))


@dataclass(frozen=True)
class Block:
    """A convolution, with or without max pooling, then batch normalisation and ReLU.

    Pooling comes before the other two, so that they have a quarter of the numbers.
    """

    width: int
    kernel: int
    stride: int = 1
    pooled: bool = False
    dropout: float = 0.0

    def layers(self, name: str, c_in: int) -> dict[str, Layer]:
        """Return the layers by name."""
        found: dict[str, Layer] = {
            f"conv{name}": Conv2d(c_in, self.width, self.kernel, stride=self.stride, weight_init=HE)
        }
        if self.pooled:
            found[f"pool{name}"] = MaxPool2d(2)
        found |= {f"norm{name}": BatchNorm(self.width), f"relu{name}": ReLU()}
        if self.dropout:
            found[f"drop{name}"] = Dropout(self.dropout)
        return found

    def side(self, side: int) -> int:
        """Return the height and width of what the block gives, for images so high and wide."""
        found = (side - self.kernel) // self.stride + 1
        return found // 2 if self.pooled else found


def convolutions(*blocks: Block, halved: bool = False, dense: int | None = None) -> Sequential:
    """Return blocks one after the other, and a dense layer for the ten digits.

    Parameters
    ----------
    *blocks : Block
    halved : bool
        Whether the images are first brought to 14 x 14 pixels, each the mean of four.
    dense : int, optional
        Units of a dense layer in between, with batch normalisation and ReLU.
    """
    layers: dict[str, Layer] = {"halve": AvgPool2d(2)} if halved else {}
    side, c = SIDE // 2 if halved else SIDE, 1
    for number, block in enumerate(blocks, start=1):
        layers |= block.layers(str(number), c)
        side, c = block.side(side), block.width
    layers["flatten"] = Flatten()
    features = side * side * c
    if dense is not None:
        layers |= {
            "fc1": Dense(features, dense, weight_init=HE),
            "norm_fc": BatchNorm(dense),
            "relu_fc": ReLU(),
        }
        features = dense
    layers["fc"] = Dense(features, 10)
    return Sequential(layers, input_shape=(SIDE, SIDE, 1))


SHIFTS = RandomAffine(shift=0.07, chance=0.9)
"""By up to two pixels in each direction."""


def one_cycle(
    epochs: int, batch_size: int, learning_rate: float, warm_up: float = 0.2, **more: Any
) -> Recipe:
    """Return Adam with a rate that rises for a share of the training, while it falls along a cosine to 0."""
    return Recipe(
        epochs=epochs,
        batch_size=batch_size,
        optimizer=Adam(learning_rate),
        rate=Product(LinearWarmup(1.0, warm_up * epochs), CosineDecay(1.0, epochs)),
        short_batch="drop",
        **more,
    )


def digest(network: Sequential, recipe: Recipe) -> str:
    """Return hexadecimal digits that depend on the network's layers and the recipe."""
    return digest_of(network.config(), recipe.config(), None)


@dataclass(frozen=True)
class Speedrun:
    """A training that is to reach an accuracy in the least time.

    Attributes
    ----------
    target : str
        The accuracy on the test images in per cent, which the mean over the seeds is to reach.
    words : str
        The network, in words.
    build : callable
        Returns the network.
    recipe : Recipe
    seeds : tuple of int
        At least ten where a training takes seconds, three where it takes minutes.
    """

    target: str
    words: str
    build: Callable[[], Sequential]
    recipe: Recipe
    seeds: tuple[int, ...] = TEN_SEEDS

    @property
    def accuracy(self) -> float:
        """The target as a fraction."""
        return float(self.target) / 100

    @property
    def digest(self) -> str:
        """Hexadecimal digits that depend on the network's layers and the recipe."""
        return digest(self.build(), self.recipe)


def speedrun(target: str) -> Speedrun:
    """Return the speed run for a target, such as "99", "99.0" or "99 %".

    Raises
    ------
    ConfigError
        If there is none; the targets are named.

    Examples
    --------
    >>> speedrun("97 %").accuracy
    0.97
    """
    text = target.strip().removesuffix("%").strip()
    plain = text.rstrip("0").removesuffix(".") if "." in text else text
    if plain not in SPEEDRUNS:
        raise ConfigError(
            f"target: expected an accuracy in per cent, one of {', '.join(SPEEDRUNS)}, got {quoted(target)}; "
            "choose one of them"
        )
    return SPEEDRUNS[plain]


SPEEDRUNS: Mapping[str, Speedrun] = MappingProxyType(
    {
        one.target: one
        for one in (
            Speedrun(
                target="97",
                words="14 x 14 pixels, 3x3 16 pooled",
                build=lambda: convolutions(Block(16, 3, pooled=True), halved=True),
                recipe=one_cycle(1, 128, 0.02),
            ),
            Speedrun(
                target="98",
                words="14 x 14 pixels, 3x3 16 pooled, 3x3 32",
                build=lambda: convolutions(Block(16, 3, pooled=True), Block(32, 3), halved=True),
                recipe=one_cycle(1, 64, 0.02),
            ),
            Speedrun(
                target="99",
                words="7x7 16 pooled, 5x5 32",
                build=lambda: convolutions(Block(16, 7, pooled=True), Block(32, 5)),
                recipe=one_cycle(3, 128, 0.02, augmentation=SHIFTS),
            ),
            Speedrun(
                target="99.4",
                words="7x7 16 pooled, 5x5 48, 4x4 64",
                build=lambda: convolutions(Block(16, 7, pooled=True), Block(48, 5), Block(64, 4)),
                recipe=one_cycle(10, 128, 0.007, augmentation=warped(0.75)),
                seeds=THREE_SEEDS,
            ),
        )
    }
)
"""By target; frozen, so that nobody fits a recipe to the test images."""
