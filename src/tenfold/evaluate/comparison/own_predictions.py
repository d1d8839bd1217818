"""Your own predictions, as input of a comparison."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import ShapeError
from tenfold.evaluate.comparison.model_results import ModelResults, Result


def from_predictions(
    name: str, predicted: ArrayLike, labels: ArrayLike, seeds: Iterable[int] | None = None
) -> ModelResults:
    """Return the predictions of a model's training runs on the same images as input of `compare`.

    Its times are not known, and its data set is identified by its labels alone.

    Parameters
    ----------
    name : str
    predicted : array of int, shape (runs, n)
        The predicted digit of each image, by each run.
    labels : array of int, shape (n,)
    seeds : iterable of int, optional
        One for each run; 0, 1, 2 and so on if not given.

    Raises
    ------
    ShapeError
        If the predictions are not (runs, n), or the seeds not one for each run.

    Examples
    --------
    >>> from_predictions("mine", [[7, 2, 1], [7, 2, 2]], [7, 2, 2]).accuracies.round(3)
    array([0.667, 1.   ])
    """
    answers, truth = np.asarray(predicted), np.asarray(labels)
    if answers.ndim != 2 or truth.shape != answers.shape[1:] or answers.size == 0:
        raise ShapeError(
            f"predicted: expected shape (runs, n) for n labels, got {answers.shape} for {truth.shape}; "
            "give one row for each run, and the labels of the same images"
        )
    numbers = list(range(len(answers)) if seeds is None else seeds)
    if len(numbers) != len(answers):
        raise ShapeError(
            f"seeds: expected {len(answers)}, one for each run, got {len(numbers)}; add or drop some"
        )
    trials = [_trial(seed, row != truth) for seed, row in zip(numbers, answers, strict=True)]
    digest = hashlib.sha256(np.ascontiguousarray(truth, np.int64).tobytes()).hexdigest()
    return ModelResults(
        name, "honest", None, "own images", digest, tuple(sorted(trials, key=lambda t: t.seed))
    )


def _trial(seed: int, wrong: NDArray[np.bool_] | Any) -> Result:
    return Result(
        seed=int(seed),
        images=len(wrong),
        accuracy=float(1 - wrong.mean()),
        accuracy_corrected=None,
        accuracy_without_doubtful=None,
        train_seconds=None,
        predict_seconds=None,
        wrong=tuple(np.flatnonzero(wrong).tolist()),
    )
