"""Splits that keep the share of each digit, fixed by a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tenfold.data.dataset import Dataset
from tenfold.errors import ConfigError


def split(dataset: Dataset, parts: Sequence[int] | Sequence[float], seed: int) -> tuple[Dataset, ...]:
    """Split a data set into parts without overlap, each with the whole's share of every digit.

    Parameters
    ----------
    dataset : Dataset
    parts : sequence of int, or of float
        Sizes in images, or fractions of the whole. What they leave over is left out.
    seed : int
        The same seed gives the same split on every machine.

    Returns
    -------
    tuple of Dataset
        One for each part, of exactly the size asked for, in random order.

    Raises
    ------
    ConfigError
        If the parts are negative, mixed, or more than the whole.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import Dataset, split
    >>> digits = Dataset(np.zeros((100, 28, 28), np.uint8), np.arange(100) % 10, "example")
    >>> train, validation = split(digits, (80, 20), seed=0)
    >>> np.bincount(validation.labels).tolist()
    [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    """
    sizes = _sizes(parts, len(dataset))
    rng = np.random.default_rng(seed)
    waiting = [rng.permutation(np.flatnonzero(dataset.labels == digit)) for digit in range(dataset.classes)]
    result = []
    for size in sizes:
        taken = _shares(size, np.array([len(index) for index in waiting]))
        index = np.concatenate([one[:count] for one, count in zip(waiting, taken, strict=True)])
        waiting = [one[count:] for one, count in zip(waiting, taken, strict=True)]
        result.append(dataset.subset(rng.permutation(index)))
    return tuple(result)


def _sizes(parts: Sequence[int] | Sequence[float], n: int) -> list[int]:
    """The sizes in images."""
    whole = all(isinstance(part, (int, np.integer)) for part in parts)
    if (
        not parts
        or any(part < 0 for part in parts)
        or not (whole or all(isinstance(p, float) for p in parts))
    ):
        raise ConfigError(
            f"split: expected sizes (whole numbers) or fractions (0.0-1.0), found {tuple(parts)}; "
            "give for instance (50000, 10000) or (0.8, 0.2)"
        )
    limit = n if whole else 1 + 1e-9  # 0.7 + 0.2 + 0.1 is a little more than 1
    if not math.fsum(parts) <= limit:
        raise ConfigError(
            f"split: expected parts that sum to at most {n if whole else '1.0'}, found {tuple(parts)}; "
            "make a part smaller"
        )
    if whole:
        return [int(part) for part in parts]
    edges = np.rint(np.cumsum(parts) * n).astype(int)  # rounding the edges: fractions of 1.0 use every image
    return [int(size) for size in np.diff(np.minimum(edges, n), prepend=0)]


def _shares(size: int, available: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many of each class go into a part of ``size``: proportional, by largest remainder."""
    total = int(available.sum())
    if size == 0 or total == 0:
        return np.zeros_like(available)
    taken, remainder = np.divmod(available * size, total)
    missing = size - int(taken.sum())
    largest = np.argsort(-remainder, kind="stable")[:missing]
    taken[largest] += 1
    return taken
