"""The wrong predictions as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.mistakes import mistakes
from tenfold.train.history import csv_cell


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
