"""The figures that the authors of a model report: all runs together, and each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PublishedRun:
    """One run of the authors; ``None`` for a figure that they do not report.

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
        The number of the series, from 1, if the authors report several series over the same seeds.
    """

    accuracy: float
    seed: int | None = None
    loss: float | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    train_seconds: float | None = None
    predict_seconds: float | None = None
    series: int = 1


@dataclass(frozen=True)
class Published:
    """The figures that the authors report; accuracies are fractions of the 10,000 MNIST test images.

    Attributes
    ----------
    accuracy : float
        The figure, or the mean over the runs.
    low, high : float
        Smallest and largest reported accuracy; equal if there is one figure.
    runs : int
        How many runs the figures come from.
    source : str
        Where they are reported.
    loss : tuple of float, optional
        Smallest and largest mean loss, in nats.
    train_seconds, predict_seconds : float, optional
        On the authors' machine; the second is for 10,000 images.
    accuracies : tuple of float
        The accuracy of each run, if reported.
    each_run : tuple of PublishedRun
        Every reported run, with its seed, loss, epochs and seconds if they are reported.
    """

    accuracy: float
    low: float
    high: float
    runs: int
    source: str
    loss: tuple[float, float] | None = None
    train_seconds: float | None = None
    predict_seconds: float | None = None
    accuracies: tuple[float, ...] = ()
    each_run: tuple[PublishedRun, ...] = ()

    @classmethod
    def once(
        cls,
        accuracy: float,
        source: str,
        *,
        loss: float | None = None,
        epochs: int | None = None,
        best_epoch: int | None = None,
        train_seconds: float | None = None,
        predict_seconds: float | None = None,
    ) -> Published:
        """Return the figure of a single run."""
        run = PublishedRun(
            accuracy=accuracy,
            loss=loss,
            epochs=epochs,
            best_epoch=best_epoch,
            train_seconds=train_seconds,
            predict_seconds=predict_seconds,
        )
        span = None if loss is None else (loss, loss)
        seconds = train_seconds, predict_seconds
        return cls(accuracy, accuracy, accuracy, 1, source, span, *seconds, each_run=(run,))

    @classmethod
    def each(
        cls,
        mean: float,
        runs: Sequence[PublishedRun | float],
        source: str,
        *,
        train_seconds: float | None = None,
        predict_seconds: float | None = None,
    ) -> Published:
        """Return the figures of several runs, each given as a run or as an accuracy, with their mean."""
        every = tuple(run if isinstance(run, PublishedRun) else PublishedRun(accuracy=run) for run in runs)
        accuracies = tuple(run.accuracy for run in every)
        losses = [run.loss for run in every if run.loss is not None]
        span = (min(losses), max(losses)) if losses else None
        seconds = train_seconds, predict_seconds
        ends = min(accuracies), max(accuracies)
        return cls(mean, *ends, len(runs), source, span, *seconds, accuracies, every)


def published_runs(
    seeds: Sequence[int],
    accuracies: Sequence[float],
    losses: Sequence[float],
    *,
    epochs: int | None = None,
    series: int = 1,
) -> tuple[PublishedRun, ...]:
    """Return runs that are reported seed by seed, each of ``epochs`` epochs."""
    return tuple(
        PublishedRun(seed=seed, accuracy=accuracy, loss=loss, epochs=epochs, series=series)
        for seed, accuracy, loss in zip(seeds, accuracies, losses, strict=True)
    )
