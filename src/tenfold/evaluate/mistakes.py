"""Misclassified images, worst first."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.probability_columns import (
    class_cells,
    class_columns,
    probability_cells,
    probability_columns,
)
from tenfold.metrics import ClassCounts
from tenfold.train.history import csv_cell

MOST_COLUMNS = 100
"""Classes up to which a table of errors has the probabilities of all of them."""


def mistakes(
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    *,
    true: Collection[int] | None = None,
    predicted: Collection[int] | None = None,
) -> NDArray[np.int64]:
    """Indices of the wrong predictions, those that gave the true class least probability first.

    Parameters
    ----------
    labels : int64 (n,)
        True classes.
    probabilities : floats (n, k)
        What was predicted; the predicted class is the first of the most probable.
    true, predicted : collection of int, optional
        Keep only images of these true classes, and taken for one of these; all where not given.

    Returns
    -------
    int64 (m,)
        Ties in the order of the data set.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    >>> mistakes(np.array([1, 1, 1]), p).tolist()
    [0, 1]
    """
    read = np.argmax(probabilities, axis=1)  # (n,)
    chosen = read != labels
    if true is not None:
        chosen &= np.isin(labels, list(true))
    if predicted is not None:
        chosen &= np.isin(read, list(predicted))
    index = np.flatnonzero(chosen)  # (m,)
    order = np.argsort(probabilities[index, labels[index]], kind="stable")
    return index[order].astype(np.int64)


def pair_mistakes(
    labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]], pair: tuple[int, int]
) -> NDArray[np.int64]:
    """Indices of the images of either class of a pair that were taken for the other, worst first."""
    return mistakes(labels, probabilities, true=pair, predicted=pair)


def frequent_pairs(matrix: NDArray[np.int64], limit: int = 5) -> list[tuple[int, int, int]]:
    """The most frequent confusions as ``(true, predicted, images)``, most frequent first.

    Examples
    --------
    >>> frequent_pairs(np.array([[5, 1], [3, 5]]))
    [(1, 0, 3), (0, 1, 1)]
    """
    pairs = ClassCounts.of_matrix(matrix).pairs[:limit]
    return [(true, predicted, images) for true, predicted, images in pairs.tolist()]


def mistakes_csv(
    model: str,
    dataset: str,
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    classes: Classes | None = None,
) -> str:
    """One line an error, worst first: model, data, index, true and predicted class, and the probabilities.

    Classes with names have them in two further columns. Of more than a hundred classes, only the
    probabilities of the two are in the table. Names that a spreadsheet would take for a formula are defused
    with an apostrophe.

    Examples
    --------
    >>> print(mistakes_csv("=1+1", "two", np.array([1]), np.array([[0.75, 0.25]])).splitlines()[1])
    '=1+1,two,0,1,0,0.75,0.25
    """
    classes = classes or Classes.named(probabilities.shape[1])
    text = io.StringIO()
    writer = csv.writer(text)
    few = len(classes) <= MOST_COLUMNS
    columns = probability_columns(classes) if few else ["p_true", "p_predicted"]
    writer.writerow(["model", "dataset", "index", *class_columns(classes), *columns])
    head = [csv_cell(model), csv_cell(dataset)]
    for i in mistakes(labels, probabilities):
        true, read = int(labels[i]), int(np.argmax(probabilities[i]))
        shown = probabilities[i] if few else probabilities[i, [true, read]]
        writer.writerow([*head, int(i), *class_cells(classes, true, read), *probability_cells(shown)])
    return text.getvalue()
