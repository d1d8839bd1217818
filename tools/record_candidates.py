"""What was tried for the lowest error with one network; `experiments` trains it.

The list only grows: what failed stays, and what has been recorded does not change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from speedrun_candidates import Experiment

from tenfold.nn import SoftmaxCrossEntropy
from tenfold.optim import Adam
from tenfold.zoo.ensembles import cosine_recipe
from tenfold.zoo.lenet5 import lenet5_network
from tenfold.zoo.speedruns import warped


def lenet5(what: str, epochs: int, *, rate: float = 2e-3, amount: float = 1.0, **more: Any) -> Experiment:
    """Return LeNet-5, 61,706 parameters, with the recipe of the committee changed."""
    recipe = replace(cosine_recipe(epochs, rate), augmentation=warped(amount), **more)
    return Experiment("lenet5", what, lenet5_network, recipe)


EXPERIMENTS = [
    lenet5("40 epochs, the committee's augmentation", 40),
    lenet5("40 epochs, three quarters of the augmentation", 40, amount=0.75),
    lenet5("40 epochs, half of the augmentation", 40, amount=0.5),
    lenet5("40 epochs, rate 0.001", 40, rate=1e-3),
    lenet5("40 epochs, weight decay 0.01", 40, optimizer=Adam(2e-3, weight_decay=0.01)),
    lenet5("40 epochs, label smoothing 0.1", 40, loss=SoftmaxCrossEntropy(label_smoothing=0.1)),
    lenet5("100 epochs, the committee's augmentation", 100),
    lenet5("100 epochs, three quarters of the augmentation", 100, amount=0.75),
]
