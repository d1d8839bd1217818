"""Probabilities from outputs that were fitted to 1 for the true digit and 0 for the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SMALL = 0.05  # where outputs stop being probabilities as they stand


def indicator_probabilities(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities: each output as it stands, the small and the negative ones made positive.

    What squared error fits to an indicator is the probability of what it indicates. Outputs below 0.05,
    where a probability cannot go on falling, go on as an exponential of the same slope; then all are
    divided by their sum. The order of the outputs stays.

    Parameters
    ----------
    outputs : float64 array, shape (n, k)
        At least one of each row not far below 0, as it is where they add up to 1 or end in a tanh.

    Returns
    -------
    float64 array, shape (n, k)

    Examples
    --------
    >>> indicator_probabilities(np.array([[0.8, 0.2, -1.0]])).round(3)
    array([[0.8, 0.2, 0. ]])
    """
    tail = SMALL * np.exp(np.minimum(outputs, SMALL) / SMALL - 1)
    positive = np.where(outputs > SMALL, outputs, tail)
    probabilities: NDArray[np.float64] = positive / positive.sum(axis=1, keepdims=True)
    return probabilities
