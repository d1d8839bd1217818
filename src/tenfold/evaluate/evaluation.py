"""Evaluation of a predictor on a data set: every figure, with its data and its origin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tenfold import metrics
from tenfold.checkpoint import dump_json
from tenfold.errors import ShapeError
from tenfold.evaluate.classes import Classes
from tenfold.evaluate.environment import Environment, environment
from tenfold.evaluate.scores import Scores, Share, encode, score, share

Predictor = Callable[[NDArray[np.uint8]], NDArray[np.floating[Any]]]


class Labelled(Protocol):
    """The interface of a data set: images, uint8 ``(n, h, w)`` or ``(n, h, w, c)``, labels and a name.

    ``class_names`` may be missing: the classes are then called by their numbers.
    """

    @property
    def images(self) -> NDArray[np.uint8]: ...
    @property
    def labels(self) -> NDArray[np.int64]: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Run:
    """Where the predictor comes from; ``None`` if something does not apply or is not known.

    Attributes
    ----------
    model : str
        Name of the network or classical model.
    protocol : str or None
        ``"honest"`` (choices made on a validation split) or ``"published"``.
    seed : int or None
        Master seed.
    parameters : int or None
        Trainable numbers.
    train_images, epochs : int or None
        Images trained on, and passes over them.
    train_first : int or None
        Where only the first images of the training set were to be used: how many.
    chosen_epoch : int or None
        The epoch, from 1, whose weights were kept.
    train_seconds : float or None
        Pure training time.
    commit : str or None
        Version of the source, where known.
    device : str or None
        What it was trained on, if not the processor.
    """

    model: str
    protocol: str | None = None
    seed: int | None = None
    parameters: int | None = None
    train_images: int | None = None
    train_first: int | None = None
    epochs: int | None = None
    chosen_epoch: int | None = None
    train_seconds: float | None = None
    commit: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """The figures of a run on a data set.

    Attributes
    ----------
    run : Run
        The predictor and its training.
    dataset : str
        Name of the data the images come from, such as ``"mnist"`` or ``"mnist-5k"``.
    split : str
        ``"test"`` or ``"validation"``.
    scores : Scores
        Every figure, with the labels as given.
    corrected : Share or None
        Accuracy with the ten labels corrected that most readers agree on; ``None`` unless this is the MNIST
        test set.
    without_doubtful : Share or None
        Accuracy with the fifteen doubtful labels left out; ``None`` unless this is the MNIST test set.
    predict_seconds : float or None
        Time taken to predict all the images.
    environment : Environment
        Machine and versions.
    classes : Classes
        The names of the classes.
    """

    run: Run
    dataset: str
    split: str
    scores: Scores
    corrected: Share | None
    without_doubtful: Share | None
    predict_seconds: float | None
    environment: Environment
    classes: Classes

    def __repr__(self) -> str:
        share = self.scores.share
        return (
            f"Evaluation({self.run.model!r} on {self.dataset!r}: {share.correct:,} of {share.images:,} "
            f"{self.split} images right, {share.accuracy:.2%})"
        )

    @property
    def accuracy(self) -> float:
        """Fraction right, labels as given."""
        return self.scores.share.accuracy

    @property
    def loss(self) -> float:
        """Mean loss in nats."""
        return self.scores.loss

    def to_dict(self) -> dict[str, Any]:
        """As plain dictionaries, lists and numbers."""
        found: dict[str, Any] = encode(self)
        return found

    def to_json(self) -> str:
        """As one JSON object; the same evaluation gives the same bytes."""
        return dump_json(self.to_dict()).decode("ascii")


def timed(predict_proba: Predictor, images: NDArray[np.uint8]) -> tuple[NDArray[np.floating[Any]], float]:
    """Predict, and return the seconds that it took.

    One image is predicted before and not counted: imports, compilation and set-up are not part of the time.

    Returns
    -------
    probabilities : floats (n, k)
    seconds : float
    """
    predict_proba(images[:1])
    start = perf_counter()
    probabilities = predict_proba(images)
    return probabilities, perf_counter() - start


def evaluate(
    predictor: Predictor | NDArray[np.floating[Any]],
    dataset: Labelled,
    run: Run,
    *,
    split: str = "test",
    predict_seconds: float | None = None,
) -> Evaluation:
    """Evaluate a predictor, or its probabilities, on a data set.

    Parameters
    ----------
    predictor : callable or floats (n, k)
        Called with one image, then with all of them and timed; or the probabilities themselves.
    dataset : Labelled
        Images, labels and the name under which every figure is reported.
    run : Run
        The predictor and its training.
    split : str
        Which part of the data this is.
    predict_seconds : float, optional
        Time the prediction took, where probabilities are passed.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If the probabilities do not fit the labels, or are not probabilities.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> two = SimpleNamespace(images=np.zeros((2, 28, 28), np.uint8), labels=np.array([0, 1]), name="two")
    >>> evaluate(lambda images: np.full((len(images), 10), 0.1), two, Run("clueless")).accuracy
    0.5
    """
    if callable(predictor):
        probabilities, predict_seconds = timed(predictor, dataset.images)
    else:
        probabilities = np.asarray(predictor)
    if len(probabilities) != len(dataset.labels):
        raise ShapeError(
            f"{dataset.name}: expected {len(dataset.labels)} rows of probabilities, one for each image, got "
            f"{len(probabilities)}; predict the same images that are evaluated"
        )
    return Evaluation(
        run=run,
        dataset=dataset.name,
        split=split,
        scores=score(dataset.labels, probabilities),
        corrected=_corrected(dataset.labels, probabilities),
        without_doubtful=_without_doubtful(dataset.labels, probabilities),
        predict_seconds=predict_seconds,
        environment=environment(),
        classes=classes_of(dataset, probabilities.shape[1]),
    )


def classes_of(dataset: Labelled, number: int) -> Classes:
    """Return the names of a data set's classes, of which a model knows so many."""
    return Classes.named(number, getattr(dataset, "class_names", None), grey=dataset.images.ndim < 4)


def _corrected(labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]) -> Share | None:
    if not metrics.is_mnist_test(labels):
        return None
    right = np.argmax(probabilities, axis=1) == metrics.corrected(labels)  # (n,)
    return share(int(np.count_nonzero(right)), len(right))


def _without_doubtful(labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]) -> Share | None:
    if not metrics.is_mnist_test(labels):
        return None
    keep = metrics.undoubted()
    right = np.argmax(probabilities, axis=1) == labels  # (n,)
    return share(int(np.count_nonzero(right & keep)), int(np.count_nonzero(keep)))
