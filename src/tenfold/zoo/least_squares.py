"""Ridge regression on one-hot labels in closed form, and the search for its coefficient.

For features x and one-hot labels y, weights W and biases b minimise

    sum over images of |x W + b - y| ** 2  +  c |W| ** 2

The biases are not penalised. At the minimum the derivative by b is 0, so that b = mean(y) - mean(x) W.
With this b, only deviations from the means remain, dx and dy; the derivative by W is then 0 where

    (sum of dx' dx + c) W = sum of dx' dy

With the eigenvalues e and eigenvectors Q of the matrix of the first sum, W = Q (Q' sum of dx' dy) / (e + c):
after this decomposition, each coefficient needs only one product of matrices.

References
----------
A. E. Hoerl, R. W. Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems" (1970).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Dataset
from tenfold.zoo.model_input import as_rows

Floats = NDArray[np.float64]
Features = Callable[[Floats], Floats]
"""``features(rows)``: from pixels (n, p), 0..1, to the regression's inputs, (n, d)."""

COEFFICIENTS = tuple(2.0**power for power in range(-10, 21))
_BLOCK = 5_000  # images at a time


class Linear(NamedTuple):
    """A fitted linear map and its coefficient."""

    weights: Floats  # (d, k)
    biases: Floats  # (k,)
    coefficient: float


@dataclass(frozen=True)
class Moments:
    """The sums over images that least squares needs.

    Attributes
    ----------
    n : int
    x, y : arrays (d,) and (k,)
        Sums of features and one-hot labels.
    xx, xy : arrays (d, d) and (d, k)
        Sums of their products.
    """

    n: int
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats

    @classmethod
    def of(cls, data: Dataset, features: Features, classes: int = 10) -> Moments:
        """Return the sums over a data set, block by block."""
        parts = []
        for x, labels in _blocks(data, features):
            y = np.eye(classes)[labels]  # (b, k)
            parts.append(cls(len(x), x.sum(axis=0), y.sum(axis=0), x.T @ x, x.T @ y))
        whole = parts[0]
        for part in parts[1:]:
            whole += part
        return whole

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.n + other.n, self.x + other.x, self.y + other.y, self.xx + other.xx, self.xy + other.xy
        )

    def solver(self) -> Callable[[float], Linear]:
        """Return the function that fits the map for a coefficient."""
        mean_x, mean_y = self.x / self.n, self.y / self.n
        deviations = self.xx - np.outer(mean_x, self.x)  # sum of dx' dx
        values, vectors = np.linalg.eigh(deviations)
        values = np.maximum(values, 0)  # negative values are rounding errors
        turned = vectors.T @ (self.xy - np.outer(mean_x, self.y))  # (d, k)

        def fit(coefficient: float) -> Linear:
            weights = vectors @ (turned / (values + coefficient)[:, np.newaxis])
            return Linear(weights, mean_y - mean_x @ weights, coefficient)

        return fit


def fit_ridge(train: Dataset, validation: Dataset, features: Features) -> Linear:
    """Return the map fitted to all images, with the coefficient that is best on the held-out ones.

    Parameters
    ----------
    train, validation : Dataset
        For each of `COEFFICIENTS`, a map is fitted to the first and evaluated by its accuracy on the second;
        of equal ones, the largest coefficient is chosen.
    features : callable
    """
    seen, held_out = (Moments.of(data, features, train.classes) for data in (train, validation))
    fit = seen.solver()
    candidates = [fit(coefficient) for coefficient in COEFFICIENTS]
    correct = sum(_correct(candidates, *block) for block in _blocks(validation, features))  # (c,)
    best = int(np.flatnonzero(correct == np.max(correct))[-1])
    return (seen + held_out).solver()(COEFFICIENTS[best])


def _correct(candidates: Sequence[Linear], x: Floats, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of correct predictions of each candidate, (c,)."""
    answers = [(x @ weights + biases).argmax(axis=1) for weights, biases, _ in candidates]  # c of (b,)
    return np.asarray(np.count_nonzero(np.stack(answers) == labels, axis=1), np.int64)


def _blocks(data: Dataset, features: Features) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """Yield features (b, d) and labels (b,), a block of images at a time."""
    for start in range(0, len(data), _BLOCK):
        part = slice(start, start + _BLOCK)
        yield features(as_rows(data.images[part], data.image_shape)), data.labels[part]
