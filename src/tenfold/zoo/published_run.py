"""One run that the authors of a model report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PublishedRun:
    """One run of the authors; ``None`` where they do not tell a figure.

    Attributes
    ----------
    accuracy : float
        Fraction of the test images.
    seed : int or None
    loss : float or None
        Mean loss on the test images, in nats.
    epochs : int or None
        How many were run.
    best_epoch : int or None
        Whose weights were kept, from 1.
    train_seconds, predict_seconds : float or None
        On the authors' machine; the second is for 10,000 images.
    series : int
        Where the authors report several series of runs over the same seeds: which, from 1.
    """

    accuracy: float
    seed: int | None = None
    loss: float | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    train_seconds: float | None = None
    predict_seconds: float | None = None
    series: int = 1


def published_runs(
    seeds: Sequence[int],
    accuracies: Sequence[float],
    losses: Sequence[float],
    *,
    epochs: int | None = None,
    series: int = 1,
) -> tuple[PublishedRun, ...]:
    """Return runs that are reported seed by seed; ``epochs`` is that of every run."""
    return tuple(
        PublishedRun(seed=seed, accuracy=accuracy, loss=loss, epochs=epochs, series=series)
        for seed, accuracy, loss in zip(seeds, accuracies, losses, strict=True)
    )
