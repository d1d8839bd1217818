"""The recipe that the networks of the LeNet-5 document share."""

from __future__ import annotations

from tenfold.nn import SoftmaxCrossEntropy
from tenfold.optim import Adam, Doubling
from tenfold.train import Recipe


def lenet_recipe() -> Recipe:
    """Adam with decoupled decay, 20 epochs, minibatches of 32 that double every 4 epochs up to 512."""
    return Recipe(
        epochs=20,
        batch_size=Doubling(32, every=4),
        optimizer=Adam(1e-3, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01),
        loss=SoftmaxCrossEntropy(),
        short_batch="resample",
        choose="best_of_last(4)",
    )
