"""The recipe that the networks of the LeNet-5 document share."""

from __future__ import annotations

from tenfold.nn import SoftmaxCrossEntropy
from tenfold.optim import Adam, PiecewiseConstant
from tenfold.train import Recipe


def lenet_recipe() -> Recipe:
    """Adam with decoupled decay, 20 epochs, minibatches of 32 that double every 4 epochs up to 512.

    Written out as steps, so that a longer run stays at 512: doubling on and on would soon make
    minibatches larger than the data.
    """
    return Recipe(
        epochs=20,
        batch_size=PiecewiseConstant(boundaries=(4, 8, 12, 16), values=(32, 64, 128, 256, 512)),
        optimizer=Adam(1e-3, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01),
        loss=SoftmaxCrossEntropy(),
        short_batch="resample",
        choose="best_of_last(4)",
    )
