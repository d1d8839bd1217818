"""What the recipes of "Developing an image recognition neural network from scratch" share.

Where its listings, its text and the authors' code disagree, the code at the commit of each network is
followed: it gave the published figures.
"""

from __future__ import annotations

from tenfold.data import RandomAffine
from tenfold.nn import SoftmaxCrossEntropy
from tenfold.optim import Adam, EpochCorrectedAdam, Product, Schedule
from tenfold.train import Recipe, WindowStopping
from tenfold.zoo.references import NO_CHOICE

STOPPED_ON_TRAINING = (
    "Stopped, and its epoch chosen, by the loss on the training images as they were trained, with dropout "
    f"and augmentation. {NO_CHOICE}"
)
THEIR_ADAM = (
    "In the bias correction, the authors' Adam counts epochs instead of steps. Ours is the "
    "standard Adam; the learning rate contains the factor between the two (EpochCorrectedAdam): 1 "
    "in the first step, 2 in the tenth, 0.15 to 0.4 after the first thousand. With this factor, "
    "the losses of the authors' training logs are reproduced for every network from scratch-04 "
    "on."
)
DROPOUT = (
    "In the backward pass, the authors' dropout does not divide the gradient by 1 - rate; ours "
    "does, as the derivative requires."
)


def scratch_recipe(
    learning_rate: float,
    epochs: int,
    *,
    batch_size: int = 16,
    rate: Schedule | None = None,
    augmentation: RandomAffine | None = None,
    patience: int | None = None,
) -> Recipe:
    """Return the authors' Adam, see `EpochCorrectedAdam`.

    Parameters
    ----------
    learning_rate : float
    epochs : int
    batch_size : int
    rate : schedule, optional
        A factor on the learning rate.
    augmentation : RandomAffine, optional
    patience : int, optional
        Of early stopping by the training loss, which has to fall by half a percent.
    """
    theirs = EpochCorrectedAdam()
    return Recipe(
        epochs=epochs,
        batch_size=batch_size,
        optimizer=Adam(learning_rate, beta1=0.9, beta2=0.999, eps=1e-8),
        rate=theirs if rate is None else Product(rate, theirs),
        loss=SoftmaxCrossEntropy(),
        short_batch="keep",
        augmentation=augmentation,
        early_stopping=WindowStopping("train_loss", patience, 0.005) if patience else None,
    )
