"""The confusion matrix as stacked bars: what is right at the foot, the errors above, largest first."""

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
        Images that the whole bar, 100 %, stands for; 0 where there are none.
    right : float
        Fraction of them read rightly (0 where there are none).
    errors : tuple of (int, float)
        The other digit of each kind of error and its fraction, most frequent first; with ``right`` they
        add up to 1.
    """

    digit: int
    images: int
    right: float
    errors: tuple[tuple[int, float], ...]


def stacks_by_actual(matrix: NDArray[np.int64]) -> list[Stack]:
    """A bar for each digit that was written: recall, and what the rest was taken for.

    Examples
    --------
    >>> stacks_by_actual(np.array([[4, 0], [1, 3]]))[1]
    Stack(digit=1, images=4, right=0.75, errors=((0, 0.25),))
    """
    return [_stack(digit, matrix[digit, :]) for digit in range(len(matrix))]


def stacks_by_predicted(matrix: NDArray[np.int64]) -> list[Stack]:
    """A bar for each digit that was read: precision, and what the rest really was.

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
