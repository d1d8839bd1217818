"""Columns of tables of predictions: the classes, by number and by name, and their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.train.history import csv_cell


def class_columns(classes: Classes) -> list[str]:
    """Heads of the true and the predicted class: their numbers and, where they have others, their names.

    >>> class_columns(Classes.named(2)), class_columns(Classes.named(2, ["cat", "dog"]))
    (['true', 'predicted'], ['true', 'predicted', 'true_name', 'predicted_name'])
    """
    return ["true", "predicted", *(["true_name", "predicted_name"] if is_named(classes) else [])]


def class_cells(classes: Classes, true: int | None, predicted: int) -> list[Any]:
    """The cells below `class_columns`; a true class that is not known is left empty."""
    numbers = ["" if true is None else true, predicted]
    if not is_named(classes):
        return numbers
    return [*numbers, "" if true is None else csv_cell(classes[true]), csv_cell(classes[predicted])]


def probability_columns(classes: Classes) -> list[str]:
    """Heads of the probabilities.

    >>> probability_columns(Classes.named(2)), probability_columns(Classes.named(2, ["cat", "dog"]))
    (['p0', 'p1'], ['p_cat', 'p_dog'])
    """
    named = is_named(classes)
    return [f"p_{name}" if named else f"p{name}" for name in classes.names]


def probability_cells(probabilities: Sequence[float] | NDArray[np.floating[Any]]) -> list[str]:
    """Probabilities with six figures."""
    return [f"{float(p):.6g}" for p in probabilities]


def is_named(classes: Classes) -> bool:
    """Whether the classes have names other than their numbers."""
    return classes.names != tuple(map(str, range(len(classes))))
