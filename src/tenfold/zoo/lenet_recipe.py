"""What the networks of the LeNet-5 document share: the recipe, and how their runs are reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tenfold.nn import SoftmaxCrossEntropy
from tenfold.optim import Adam, PiecewiseConstant
from tenfold.train import Recipe
from tenfold.zoo.published import PublishedRun, published_runs
from tenfold.zoo.references import PUBLISHED_SEEDS

EPOCHS = 20


def lenet_recipe() -> Recipe:
    """Adam with decoupled decay, 20 epochs, minibatches of 32 that double every 4 epochs up to 512.

    Written out as steps, so that a longer run stays at 512: doubling on and on would soon make
    minibatches larger than the data.
    """
    return Recipe(
        epochs=EPOCHS,
        batch_size=PiecewiseConstant(boundaries=(4, 8, 12, 16), values=(32, 64, 128, 256, 512)),
        optimizer=Adam(1e-3, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01),
        loss=SoftmaxCrossEntropy(),
        short_batch="resample",
        choose="best_of_last(4)",
    )


def two_versions(
    *versions: tuple[Sequence[float], Sequence[float]], timed: tuple[int, float, float]
) -> tuple[PublishedRun, ...]:
    """Return the runs of both versions of the document, five seeds each.

    Parameters
    ----------
    versions : (accuracies, losses)
        By seed, in the order of `PUBLISHED_SEEDS`.
    timed : (seed, train_seconds, predict_seconds)
        The one run that the second version tells the times of.
    """
    seed, train, predict = timed
    runs = [
        run
        for series, (accuracies, losses) in enumerate(versions, start=1)
        for run in published_runs(PUBLISHED_SEEDS, accuracies, losses, epochs=EPOCHS, series=series)
    ]
    return tuple(
        replace(run, train_seconds=train, predict_seconds=predict)
        if (run.series, run.seed) == (2, seed)
        else run
        for run in runs
    )
