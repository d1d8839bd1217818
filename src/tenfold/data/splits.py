"""Stratified splits: each part keeps the fraction of every class; a seed fixes the split."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tenfold.data.dataset import Dataset
from tenfold.data.habits import SPLIT_OPTIONS
from tenfold.errors import ConfigError
from tenfold.habits import keywords
from tenfold.quoting import quoted


@keywords(SPLIT_OPTIONS, example="train, test = split(data, (0.8, 0.2), seed=0)")
def split(dataset: Dataset, parts: Sequence[int] | Sequence[float], seed: int) -> tuple[Dataset, ...]:
    """Split a data set into disjoint parts, each with the same fraction of every class.

    Parameters
    ----------
    dataset : Dataset
    parts : sequence of int, or of float
        Sizes in images, or fractions of the data set. Remaining images are left out.
    seed : int
        The same seed gives the same split on every machine.

    Returns
    -------
    tuple of Dataset
        One for each part, of exactly that size, in random order.

    Raises
    ------
    ConfigError
        If the parts are negative, mix sizes and fractions, or exceed the data set.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import Dataset, split
    >>> digits = Dataset(np.zeros((100, 28, 28), np.uint8), np.arange(100) % 10, "example")
    >>> train, validation = split(digits, (80, 20), seed=0)
    >>> np.bincount(validation.labels).tolist()
    [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    """
    if not isinstance(dataset, Dataset):
        raise ConfigError(
            f"split: expected a Dataset, got {type(dataset).__name__}; "
            "write split(from_arrays(X, y), (0.8, 0.2), seed=0), or of a corpus split(corpus.train, ...)"
        )
    sizes = _sizes(parts, len(dataset))
    rng = np.random.default_rng(seed)
    left = [rng.permutation(np.flatnonzero(dataset.labels == digit)) for digit in range(dataset.classes)]
    result = []
    for size in sizes:
        taken = _class_counts(size, np.array([len(index) for index in left]))
        index = np.concatenate([one[:count] for one, count in zip(left, taken, strict=True)])
        left = [one[count:] for one, count in zip(left, taken, strict=True)]
        result.append(dataset.subset(rng.permutation(index)))
    return tuple(result)


def _sizes(parts: Sequence[int] | Sequence[float], n: int) -> list[int]:
    """Return the sizes in images."""
    if not isinstance(parts, (list, tuple, np.ndarray)):
        raise ConfigError(
            f"split: expected the sizes or fractions of all parts, got {quoted(parts)}; write (0.8, 0.2)"
        )
    whole = all(isinstance(part, (int, np.integer)) for part in parts)
    one_kind = whole or all(isinstance(part, float) for part in parts)
    if not parts or not one_kind or any(part < 0 for part in parts):
        raise ConfigError(
            f"split: expected sizes (whole numbers) or fractions (0.0-1.0), found {tuple(parts)}; "
            "pass for instance (50000, 10000) or (0.8, 0.2)"
        )
    limit = n if whole else 1 + 1e-9  # 0.7 + 0.2 + 0.1 rounds to more than 1
    if not math.fsum(parts) <= limit:
        raise ConfigError(
            f"split: expected parts that sum to at most {n if whole else '1.0'}, found {tuple(parts)}; "
            "make a part smaller"
        )
    if whole:
        return [int(part) for part in parts]
    edges = np.rint(np.cumsum(parts) * n).astype(int)  # rounded edges: fractions of 1 use every image
    return [int(size) for size in np.diff(np.minimum(edges, n), prepend=0)]


def _class_counts(size: int, available: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the images of each class in a part of ``size``: proportional, by largest remainders."""
    total = int(available.sum())
    if size == 0 or total == 0:
        return np.zeros_like(available)
    taken, remainder = np.divmod(available * size, total)
    missing = size - int(taken.sum())
    largest = np.argsort(-remainder, kind="stable")[:missing]
    taken[largest] += 1
    return taken
