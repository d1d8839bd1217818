"""How often each class is right, and which are confused; memory grows with the images, not with k squared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.metrics.checks import checked_answers
from tenfold.metrics.confusion import ratio

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """A confusion matrix without its zeros.

    Attributes
    ----------
    right, actual, predicted : int64 (k,)
        By class: images that were predicted correctly, images of the class, predictions of the class.
    pairs : int64 (m, 3)
        True class, predicted class and images of each kind of error; the most frequent first, and equal
        ones by their classes.

    Examples
    --------
    >>> found = ClassCounts.of_answers([0, 1, 1, 1], [0, 1, 0, 0], classes=3)
    >>> found.actual.tolist(), found.pairs.tolist()
    ([1, 3, 0], [[1, 0, 2]])
    """

    right: Ints
    actual: Ints
    predicted: Ints
    pairs: Ints

    @classmethod
    def of_answers(cls, labels: ArrayLike, predictions: ArrayLike, classes: int) -> Self:
        """Count true and predicted classes, both ``(n,)``.

        Raises
        ------
        ShapeError, DTypeError, RangeError
            If the arrays are not one-dimensional, equally long, integer and in range.
        """
        y, guess = checked_answers(labels, predictions, classes)
        code, images = np.unique(y * classes + guess, return_counts=True)  # both (m,)
        return cls._of_cells(code // classes, code % classes, images.astype(np.int64), classes)

    @classmethod
    def of(cls, given: Ints | ClassCounts) -> ClassCounts:
        """Return counts as they are, and those in a matrix ``(k, k)``."""
        return given if isinstance(given, ClassCounts) else cls.of_matrix(given)

    @classmethod
    def of_matrix(cls, matrix: Ints) -> Self:
        """Return the counts in a confusion matrix ``(k, k)``, true class by predicted class."""
        true, predicted = np.nonzero(matrix)
        return cls._of_cells(true, predicted, np.asarray(matrix[true, predicted], np.int64), len(matrix))

    @classmethod
    def of_pairs(cls, actual: ArrayLike, pairs: ArrayLike) -> Self:
        """Return the counts again from the images of each class ``(k,)`` and the pairs ``(m, 3)``."""
        images, cells = np.asarray(actual, np.int64), np.asarray(pairs, np.int64).reshape(-1, 3)
        missed, intruded = (_summed(cells[:, place], cells[:, 2], len(images)) for place in (0, 1))
        return cls(images - missed, images, images - missed + intruded, cells)

    @classmethod
    def _of_cells(cls, true: Ints, predicted: Ints, images: Ints, classes: int) -> Self:
        wrong = true != predicted
        cells = np.stack([true, predicted, images], axis=1).astype(np.int64)[wrong]  # (m, 3)
        pairs = cells[np.argsort(-cells[:, 2], kind="stable")]
        return cls.of_pairs(_summed(true, images, classes), pairs)

    @property
    def classes(self) -> int:
        """How many classes there are, ``k``."""
        return len(self.right)

    @property
    def images(self) -> int:
        """Images of all classes."""
        return int(self.actual.sum())

    @property
    def errors(self) -> int:
        """Images that were predicted wrongly."""
        return self.images - int(self.right.sum())

    @property
    def recall(self) -> NDArray[np.float64]:
        """Recall of each class, ``(k,)``; NaN for a class without images."""
        return ratio(self.right, self.actual)

    @property
    def precision(self) -> NDArray[np.float64]:
        """Precision of each class, ``(k,)``; NaN for a class that was never predicted."""
        return ratio(self.right, self.predicted)

    @property
    def matrix(self) -> Ints:
        """The confusion matrix ``(k, k)``: of many classes, it needs much memory."""
        found = np.diag(self.right)
        found[self.pairs[:, 0], self.pairs[:, 1]] = self.pairs[:, 2]
        return found


def _summed(classes: Ints, images: Ints, number: int) -> Ints:
    """Return the sum of the images of each class, ``(number,)``."""
    found = np.zeros(number, np.int64)
    np.add.at(found, classes, images)
    return found
