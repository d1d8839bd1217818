"""Which of MNIST's test labels are counted.

Fifteen of the 10,000 labels are wrong or cannot be decided, so that near 99.8 % an accuracy depends on
what is done about them. It is therefore reported three times: with the labels as given, with the ten
corrected that most readers agreed on, and with the fifteen left out.

References
----------
C. G. Northcutt, A. Athalye, J. Mueller, "Pervasive label errors in test sets destabilize machine learning
benchmarks", NeurIPS Datasets and Benchmarks 2021 (arXiv:2103.14749). Five readers labelled each suspicious
image; their votes are in the file mturk/mnist_mturk.json of https://github.com/cleanlab/label-errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import RangeError
from tenfold.metrics.checks import checked_labels

DOUBTFUL = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
"""Indices in the MNIST test set whose label most human readers did not confirm."""

CORRECTED: Mapping[int, int] = MappingProxyType(
    {947: 9, 1621: 6, 1901: 4, 2462: 0, 2597: 3, 3558: 0, 5937: 3, 6651: 6, 6783: 6, 9729: 6}
)
"""The digit that at least three of five readers saw instead, by index in the MNIST test set."""

_TEST_LABELS = "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"


_MOST_CLASSES = 256  # of a data set; those with more than ten are not MNIST


def is_mnist_test(labels: ArrayLike) -> bool:
    """Whether these are the labels of the whole MNIST test set, in its own order.

    Indices mean nothing elsewhere, so the 10,000 labels are compared (by SHA-256), not a name.
    """
    y = checked_labels(labels, _MOST_CLASSES)
    if len(y) != 10_000 or y.max() > 9:
        return False
    return hashlib.sha256(y.astype(np.uint8).tobytes()).hexdigest() == _TEST_LABELS


def undoubted() -> NDArray[np.bool_]:
    """Mask ``(10_000,)`` that leaves the fifteen doubtful images of the MNIST test set out.

    Examples
    --------
    >>> int(undoubted().sum())
    9985
    """
    keep = np.ones(10_000, dtype=np.bool_)
    keep[list(DOUBTFUL)] = False
    return keep


def corrected(labels: ArrayLike) -> NDArray[np.int64]:
    """Labels of the MNIST test set ``(10_000,)`` with the ten that most readers correct put right.

    Raises
    ------
    RangeError
        If these are the labels of something else, where the indices mean nothing.
    """
    if not is_mnist_test(labels):
        raise RangeError(
            "labels: expected the 10,000 of the MNIST test set in order, got others; leave it out"
        )
    right = np.array(labels, dtype=np.int64)
    right[list(CORRECTED)] = list(CORRECTED.values())
    return right
