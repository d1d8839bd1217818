"""Misclassified images, worst first."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.train.history import csv_cell


def mistakes(
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    *,
    true: Collection[int] | None = None,
    predicted: Collection[int] | None = None,
) -> NDArray[np.int64]:
    """Indices of the wrong predictions, those that gave the true digit least probability first.

    Parameters
    ----------
    labels : int64 (n,)
        True digits.
    probabilities : floats (n, k)
        What was predicted; the digit read is the first of the most probable.
    true, predicted : collection of int, optional
        Keep only images of these true digits, and taken for one of these; all where not given.

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
    """Indices of the images of either digit of a pair that were taken for the other, worst first."""
    return mistakes(labels, probabilities, true=pair, predicted=pair)


def frequent_pairs(matrix: NDArray[np.int64], limit: int = 5) -> list[tuple[int, int, int]]:
    """The most frequent confusions as ``(true, predicted, images)``, most frequent first.

    Examples
    --------
    >>> frequent_pairs(np.array([[5, 1], [3, 5]]))
    [(1, 0, 3), (0, 1, 1)]
    """
    wrong = matrix - np.diag(np.diagonal(matrix))  # (k, k)
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    pairs = [
        (int(i), int(j), int(wrong[i, j])) for i, j in zip(*np.unravel_index(order, wrong.shape), strict=True)
    ]
    return [pair for pair in pairs if pair[2] > 0]


def mistakes_csv(
    model: str, dataset: str, labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]
) -> str:
    """One line an error, worst first: model, data, index, digit written, digit read, and all probabilities.

    Names that a spreadsheet would take for a formula are defused with an apostrophe.

    Examples
    --------
    >>> print(mistakes_csv("=1+1", "two", np.array([1]), np.array([[0.75, 0.25]])).splitlines()[1])
    '=1+1,two,0,1,0,0.75,0.25
    """
    text = io.StringIO()
    writer = csv.writer(text)
    digits = [f"p{digit}" for digit in range(probabilities.shape[1])]
    writer.writerow(["model", "dataset", "index", "true", "predicted", *digits])
    for i in mistakes(labels, probabilities):
        row = [model, dataset, int(i), int(labels[i]), int(np.argmax(probabilities[i]))]
        writer.writerow([csv_cell(cell) for cell in row] + [f"{float(p):.6g}" for p in probabilities[i]])
    return text.getvalue()
