"""The confusion matrix as stacked bars: the correct part at the bottom, the errors above, largest first.

Or the errors alone: each class's share of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.metrics import ClassCounts

Others = tuple[tuple[int, int], ...]
"""The other class and the images of each kind of error, most frequent first."""


@dataclass(frozen=True)
class Stack:
    """One bar.

    Attributes
    ----------
    index : int
        The class that the bar belongs to.
    images : int
        Images of the whole bar, 100 %; 0 where there are none.
    right : float
        Fraction of correct predictions (0 if there are none).
    errors : tuple of (int, float)
        The other class of each kind of error and its fraction, most frequent first; with ``right`` they
        add up to 1.
    """

    index: int
    images: int
    right: float
    errors: tuple[tuple[int, float], ...]

    @property
    def wrong(self) -> float:
        """Fraction of wrong predictions (0 where there are no images)."""
        return 1 - self.right if self.images else 0.0


def stacks_by_actual(counts: ClassCounts) -> list[Stack]:
    """A bar for each true class: recall, and the classes that the rest was predicted as.

    Examples
    --------
    >>> stacks_by_actual(ClassCounts.of_matrix(np.array([[4, 0], [1, 3]])))[1]
    Stack(index=1, images=4, right=0.75, errors=((0, 0.25),))
    """
    return _stacks(counts, counts.actual, 0)


def stacks_by_predicted(counts: ClassCounts) -> list[Stack]:
    """A bar for each predicted class: precision, and the true classes of the rest.

    Examples
    --------
    >>> stacks_by_predicted(ClassCounts.of_matrix(np.array([[4, 0], [1, 3]])))[0]
    Stack(index=0, images=5, right=0.8, errors=((1, 0.2),))
    """
    return _stacks(counts, counts.predicted, 1)


def worst_stacks(stacks: list[Stack], most: int) -> list[Stack]:
    """The bars with the largest fraction of errors, the worst first; classes without images are left out."""
    return sorted((one for one in stacks if one.images), key=lambda one: -one.wrong)[:most]


def _stacks(counts: ClassCounts, wholes: NDArray[np.int64], side: int) -> list[Stack]:
    others = _others(counts, side)
    return [
        Stack(
            index,
            whole,
            right / whole if whole else 0.0,
            tuple((other, n / whole) for other, n in others.get(index, ())),
        )
        for index, (whole, right) in enumerate(zip(wholes.tolist(), counts.right.tolist(), strict=True))
    ]


def _others(counts: ClassCounts, side: int) -> dict[int, Others]:
    """The errors of each class that makes some; ``side`` 0 is the true class of a pair, 1 the predicted."""
    found: dict[int, list[tuple[int, int]]] = {}
    for true, predicted, images in counts.pairs.tolist():
        own, other = (true, predicted) if side == 0 else (predicted, true)
        found.setdefault(own, []).append((other, images))
    return {own: tuple(sorted(others, key=lambda one: (-one[1], one[0]))) for own, others in found.items()}


@dataclass(frozen=True)
class ErrorShare:
    """A class's part of all errors.

    Attributes
    ----------
    index : int
        The class.
    images : int
        Errors that it makes.
    share : float
        Of all errors, 0 to 1; 0 where there are none at all.
    others : tuple of (int, int)
        The other class and the images of each kind of error, most frequent first.
    """

    index: int
    images: int
    share: float
    others: Others


def error_shares_by_actual(counts: ClassCounts) -> list[ErrorShare]:
    """Each class's share of all errors, as the true class; the largest first.

    Examples
    --------
    >>> error_shares_by_actual(ClassCounts.of_matrix(np.array([[4, 1], [3, 3]])))[0]
    ErrorShare(index=1, images=3, share=0.75, others=((0, 3),))
    """
    return sorted(_error_shares(counts, 0), key=lambda one: -one.images)


def error_shares_by_predicted(counts: ClassCounts) -> list[ErrorShare]:
    """Each class's share of all errors, as the predicted class; the largest first."""
    return sorted(_error_shares(counts, 1), key=lambda one: -one.images)


def _error_shares(counts: ClassCounts, side: int) -> Iterator[ErrorShare]:
    total, others = max(counts.errors, 1), _others(counts, side)
    for index in range(counts.classes):
        own = others.get(index, ())
        images = sum(n for _, n in own)
        yield ErrorShare(index, images, images / total, own)
