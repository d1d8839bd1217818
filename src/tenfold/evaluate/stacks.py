"""The confusion matrix as stacked bars: the correct part at the bottom, the errors above, largest first.

Or the errors alone: each digit's share of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stack:
    """One bar.

    Attributes
    ----------
    digit : int
        The digit the bar belongs to.
    images : int
        Images of the whole bar, 100 %; 0 where there are none.
    right : float
        Fraction of correct predictions (0 if there are none).
    errors : tuple of (int, float)
        The other digit of each kind of error and its fraction, most frequent first; with ``right`` they
        add up to 1.
    """

    digit: int
    images: int
    right: float
    errors: tuple[tuple[int, float], ...]


def stacks_by_actual(matrix: NDArray[np.int64]) -> list[Stack]:
    """A bar for each digit that was written: recall, and the digits that the rest was read as.

    Examples
    --------
    >>> stacks_by_actual(np.array([[4, 0], [1, 3]]))[1]
    Stack(digit=1, images=4, right=0.75, errors=((0, 0.25),))
    """
    return [_stack(digit, matrix[digit, :]) for digit in range(len(matrix))]


def stacks_by_predicted(matrix: NDArray[np.int64]) -> list[Stack]:
    """A bar for each digit that was read: precision, and the true digits of the rest.

    Examples
    --------
    >>> stacks_by_predicted(np.array([[4, 0], [1, 3]]))[0]
    Stack(digit=0, images=5, right=0.8, errors=((1, 0.2),))
    """
    return [_stack(digit, matrix[:, digit]) for digit in range(len(matrix))]


def _stack(digit: int, counts: NDArray[np.int64]) -> Stack:
    images = int(counts.sum())
    if images == 0:
        return Stack(digit, 0, 0.0, ())
    others = [other for other in np.argsort(-counts, kind="stable") if other != digit and counts[other] > 0]
    errors = tuple((int(other), int(counts[other]) / images) for other in others)
    return Stack(digit, images, int(counts[digit]) / images, errors)


@dataclass(frozen=True)
class ErrorShare:
    """A digit's part of all errors.

    Attributes
    ----------
    digit : int
    images : int
        Errors that it makes.
    share : float
        Of all errors, 0 to 1; 0 where there are none at all.
    others : tuple of (int, int)
        The other digit and the images of each kind of error, most frequent first.
    """

    digit: int
    images: int
    share: float
    others: tuple[tuple[int, int], ...]


def error_shares_by_actual(matrix: NDArray[np.int64]) -> list[ErrorShare]:
    """Each digit's share of all errors, as the digit that was written; the largest first.

    Examples
    --------
    >>> error_shares_by_actual(np.array([[4, 1], [3, 3]]))[0]
    ErrorShare(digit=1, images=3, share=0.75, others=((0, 3),))
    """
    return _error_shares(matrix - np.diag(np.diagonal(matrix)))


def error_shares_by_predicted(matrix: NDArray[np.int64]) -> list[ErrorShare]:
    """Each digit's share of all errors, as the digit that was read; the largest first."""
    return _error_shares((matrix - np.diag(np.diagonal(matrix))).T)


def _error_shares(wrong: NDArray[np.int64]) -> list[ErrorShare]:
    total = max(int(wrong.sum()), 1)
    sums = wrong.sum(axis=1)  # (k,)
    return [
        ErrorShare(
            int(digit),
            int(sums[digit]),
            int(sums[digit]) / total,
            tuple(
                (int(other), int(wrong[digit, other]))
                for other in np.argsort(-wrong[digit], kind="stable")
                if wrong[digit, other] > 0
            ),
        )
        for digit in np.argsort(-sums, kind="stable")
    ]
