"""Conventions for the wrong labels in MNIST's test set.

Fifteen of the 10,000 labels are wrong or cannot be decided, so an accuracy near 99.8 % depends on their
treatment. Accuracy is therefore reported three times: with the original labels, with ten labels corrected on
which most readers agreed, and without the fifteen images.

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
"""Indices in the MNIST test set with a label that most human readers did not confirm."""

CORRECTED: Mapping[int, int] = MappingProxyType(
    {947: 9, 1621: 6, 1901: 4, 2462: 0, 2597: 3, 3558: 0, 5937: 3, 6651: 6, 6783: 6, 9729: 6}
)
"""The digit that at least three of five readers saw instead, by index in the MNIST test set."""

_TEST_LABELS = "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"
_MOST_CLASSES = 1 << 16  # of any data set; one with more than ten is not MNIST


def is_mnist_test(labels: ArrayLike) -> bool:
    """Return whether these are the labels of the MNIST test set, in the original order.

    The indices are meaningless for other data, so the labels themselves are compared (by SHA-256).
    """
    y = checked_labels(labels, _MOST_CLASSES)
    if len(y) != 10_000 or y.max() > 9:
        return False
    return hashlib.sha256(y.astype(np.uint8).tobytes()).hexdigest() == _TEST_LABELS


def undoubted() -> NDArray[np.bool_]:
    """Return a mask ``(10_000,)`` without the fifteen doubtful images of the MNIST test set.

    Examples
    --------
    >>> int(undoubted().sum())
    9985
    """
    keep = np.ones(10_000, dtype=np.bool_)
    keep[list(DOUBTFUL)] = False
    return keep


def corrected(labels: ArrayLike) -> NDArray[np.int64]:
    """Return the labels of the MNIST test set ``(10_000,)`` with the ten corrections.

    Raises
    ------
    RangeError
        If these are labels of other data.
    """
    if not is_mnist_test(labels):
        raise RangeError(
            "labels: expected the 10,000 of the MNIST test set in order, got others; use them uncorrected"
        )
    right = np.array(labels, dtype=np.int64)
    right[list(CORRECTED)] = list(CORRECTED.values())
    return right
