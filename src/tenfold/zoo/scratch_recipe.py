"""What the recipes of "Developing an image recognition neural network from scratch" share."""

from __future__ import annotations

from tenfold.nn import SoftmaxCrossEntropy
from tenfold.optim import Adam, Schedule
from tenfold.train import Recipe, WindowStopping
from tenfold.zoo.augmentations import scratch_augmentation
from tenfold.zoo.sources import NO_CHOICE

STOPPED_ON_TRAINING = (
    "Stopped, and its epoch chosen, by the cost on the training images as they were trained, with dropout "
    f"and augmentation. {NO_CHOICE}"
)
AUGMENTED = (
    "The authors' code sampled each altered image three times and let chance decide for a minibatch as a "
    "whole; ours samples once, and chance decides for each image, as their text has it."
)

EPOCH_COUNTED = (
    "The authors' Adam counts epochs, not steps, in its bias correction, which makes its steps 0.15 to 0.4 "
    "times as large as the rate says. Ours is the standard Adam, and its rate has the factor by which theirs "
    "differs (EpochCountedAdam). Without the factor, scratch-04's training cost after 12 epochs is 0.19 "
    "instead of 0.013 (seed 0)."
)
AS_IT_STANDS = (
    "The authors' Adam counts epochs, not steps, in its bias correction, which makes its steps 0.15 to 0.4 "
    "times as large as the rate says. Ours is the standard Adam at the rate as it stands: from weights that "
    "begin as wide as these, the smaller steps do not lead as far in these epochs (scratch-07's training "
    "cost ends at 0.29 instead of 0.21, seed 0)."
)


def scratch_recipe(
    learning_rate: float,
    epochs: int,
    *,
    rate: Schedule | None = None,
    chance: float = 0.0,
    patience: int | None = None,
) -> Recipe:
    """Return Adam on minibatches of 16.

    Parameters
    ----------
    learning_rate : float
    epochs : int
    rate : schedule, optional
        A factor on the learning rate.
    chance : float
        Of an image to be augmented.
    patience : int, optional
        Of early stopping by the training cost, which has to fall by half a percent.
    """
    return Recipe(
        epochs=epochs,
        batch_size=16,
        optimizer=Adam(learning_rate, beta1=0.9, beta2=0.999, eps=1e-8),
        rate=rate,
        loss=SoftmaxCrossEntropy(),
        short_batch="keep",
        augmentation=scratch_augmentation(chance) if chance else None,
        early_stopping=WindowStopping("train_cost", patience, 0.005) if patience else None,
    )
