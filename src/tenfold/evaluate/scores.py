"""Every figure that follows from labels and probabilities, as plain numbers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold import metrics
from tenfold.metrics import Imbalance, Interval

Numbers = tuple[float | None, ...]
MOST_IN_A_MATRIX = 300
"""Classes up to which the confusion matrix is kept whole: it has as many cells as classes squared."""


@dataclass(frozen=True)
class Share:
    """Correct predictions of a number of images, with the 95 % Wilson interval of the accuracy."""

    images: int
    correct: int
    accuracy: float
    interval: Interval

    @property
    def wrong(self) -> int:
        """Number of misclassified images."""
        return self.images - self.correct


@dataclass(frozen=True)
class Calibration:
    """Expected and maximum calibration error, and the bins they come from (``None``: an empty bin)."""

    expected_error: float
    maximum_error: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    confidence: Numbers
    accuracy: Numbers


@dataclass(frozen=True)
class Scores:
    """The figures of a predictor on a set of labelled images.

    Attributes
    ----------
    share : Share
        Images right and in all, accuracy and its interval.
    loss : float
        Mean loss in nats.
    ruled_out : int
        Images whose true class got a probability below 2.2e-16; each counts 36.04 nats in the loss.
    recall, precision : tuple of (float or None)
        By class; ``None`` where the class does not occur, or was never predicted.
    macro_recall : float
        Mean recall over the classes that occur.
    imbalance : Imbalance
        Spread and deviation of the recalls, and macro recall less the deviation.
    confusion : tuple of tuples of int, or None
        Images by true class (row) and predicted class (column); ``None`` with more than 300 classes.
    calibration : Calibration
        Calibration: how well confidence matches accuracy.
    class_images : tuple of int
        Images of each class.
    confused : tuple of (int, int, int)
        True class, predicted class and images of each kind of error, the most frequent first.
    """

    share: Share
    loss: float
    ruled_out: int
    recall: Numbers
    precision: Numbers
    macro_recall: float
    imbalance: Imbalance
    confusion: tuple[tuple[int, ...], ...] | None
    calibration: Calibration
    class_images: tuple[int, ...]
    confused: tuple[tuple[int, int, int], ...]

    @property
    def counts(self) -> metrics.ClassCounts:
        """The same counts as arrays, without the zeros of the matrix."""
        return metrics.ClassCounts.of_pairs(self.class_images, self.confused)

    @property
    def matrix(self) -> NDArray[np.int64]:
        """The confusion matrix as an array ``(k, k)``; of many classes, it needs much memory."""
        return self.counts.matrix


def share(correct: int, images: int) -> Share:
    """The share of correct images, with its interval."""
    return Share(images, correct, correct / images, metrics.wilson_interval(correct, images))


def score(labels: ArrayLike, probabilities: ArrayLike) -> Scores:
    """Score probabilities against labels.

    Parameters
    ----------
    labels : integers (n,)
        True classes.
    probabilities : floats (n, k)
        Rows add up to 1.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the arrays do not fit together, or the rows are not probabilities.

    Examples
    --------
    >>> score([0, 1], [[0.9, 0.1], [0.6, 0.4]]).share.accuracy
    0.5
    """
    loss = metrics.mean_loss(labels, probabilities)  # checks that they fit together
    p = np.asarray(probabilities)
    counts = metrics.ClassCounts.of_answers(labels, p.argmax(axis=1), p.shape[1])
    return Scores(
        share=share(counts.images - counts.errors, len(p)),
        loss=loss,
        ruled_out=metrics.ruled_out(labels, probabilities),
        recall=_plain(counts.recall),
        precision=_plain(counts.precision),
        macro_recall=float(np.nanmean(counts.recall)),
        imbalance=metrics.imbalance_of(counts.recall),
        confusion=tuple(map(tuple, counts.matrix.tolist())) if counts.classes <= MOST_IN_A_MATRIX else None,
        calibration=_calibration(metrics.reliability(labels, probabilities)),
        class_images=tuple(counts.actual.tolist()),
        confused=tuple((true, read, n) for true, read, n in counts.pairs.tolist()),
    )


def _calibration(found: metrics.Reliability) -> Calibration:
    return Calibration(
        expected_error=found.expected_error,
        maximum_error=found.maximum_error,
        edges=tuple(float(edge) for edge in found.edges),
        counts=tuple(int(count) for count in found.counts),
        confidence=_plain(found.confidence),
        accuracy=_plain(found.accuracy),
    )


def _plain(values: NDArray[np.float64]) -> Numbers:
    """Python floats, with ``None`` for NaN, which JSON cannot hold."""
    return tuple(None if np.isnan(value) else float(value) for value in values)


def encode(value: object) -> Any:
    """Dataclasses and named tuples as JSON objects, other tuples as arrays."""
    if dataclasses.is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return {name: encode(part) for name, part in zip(value._fields, value, strict=True)}
        return [encode(part) for part in value]
    return value
