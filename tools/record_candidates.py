"""What was tried for the lowest error with one network; `experiments` trains it.

The list only grows: what failed stays, and what has been recorded does not change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from speedrun_candidates import Experiment

from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Flatten,
    MaxPool2d,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from tenfold.optim import Adam
from tenfold.train import Recipe
from tenfold.zoo.ensembles import committee_recipe, cosine_recipe, warped
from tenfold.zoo.lenet5 import lenet5_network, lenet_recipe


def lenet5(what: str, epochs: int, *, rate: float = 2e-3, amount: float = 1.0, **more: Any) -> Experiment:
    """Return LeNet-5, 61,706 parameters, with the recipe of the committee changed."""
    recipe = replace(cosine_recipe(epochs, rate), augmentation=warped(amount), **more)
    return Experiment("lenet5", what, lenet5_network, recipe)


def step(what: str, build: Callable[[], Sequential], recipe: Recipe) -> Experiment:
    """Return a step of the way from LeNet-5 to the record."""
    return Experiment("step", what, build, recipe)


def lenet5_with_norms() -> Sequential:
    """Return LeNet-5 with batch normalisation before each ReLU, and pooling before both."""
    return Sequential(
        {
            **{
                "conv1": Conv2d(1, 6, 5, padding=2),
                "pool1": MaxPool2d(2),
                "norm1": BatchNorm(6),
                "relu1": ReLU(),
            },
            **{"conv2": Conv2d(6, 16, 5), "pool2": MaxPool2d(2), "norm2": BatchNorm(16), "relu2": ReLU()},
            "flatten": Flatten(),  # (n, 400)
            **{"fc1": Dense(400, 120), "norm3": BatchNorm(120), "relu3": ReLU()},
            **{"fc2": Dense(120, 84), "norm4": BatchNorm(84), "relu4": ReLU()},
            "fc3": Dense(84, 10),
        },
        input_shape=(28, 28, 1),
    )


EXPERIMENTS = [
    lenet5("40 epochs, the committee's augmentation", 40),
    lenet5("40 epochs, three quarters of the augmentation", 40, amount=0.75),
    lenet5("40 epochs, half of the augmentation", 40, amount=0.5),
    lenet5("40 epochs, rate 0.001", 40, rate=1e-3),
    lenet5("40 epochs, weight decay 0.01", 40, optimizer=Adam(2e-3, weight_decay=0.01)),
    lenet5("40 epochs, label smoothing 0.1", 40, loss=SoftmaxCrossEntropy(label_smoothing=0.1)),
    lenet5("100 epochs, three quarters of the augmentation", 100, amount=0.75),
    step("LeNet-5 and its recipe", lenet5_network, lenet_recipe().without_choices()),
    step(
        "with augmentation",
        lenet5_network,
        replace(lenet_recipe().without_choices(), augmentation=warped(1.0)),
    ),
    step("with the committee's recipe", lenet5_network, committee_recipe()),
    step("with batch normalisation", lenet5_with_norms, committee_recipe()),
]
