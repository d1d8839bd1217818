"""Calibrated probabilities and doubts of a network that can reject images without a digit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import RangeError
from tenfold.quoting import quoted

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OpenSetCalibration:
    """Temperature and threshold of a network that was trained with `OpenSetCrossEntropy`.

    Attributes
    ----------
    temperature : float
        Above 0; the outputs are divided by it.
    threshold : float
        In 0..1; an image with a larger doubt is rejected.

    References
    ----------
    C. Guo et al., "On calibration of modern neural networks" (arXiv:1706.04599), section 4.2.
    """

    temperature: float
    threshold: float

    def __post_init__(self) -> None:
        for name, value, fits in (
            ("temperature", self.temperature, self.temperature > 0),
            ("threshold", self.threshold, 0 <= self.threshold <= 1),
        ):
            if not (fits and np.isfinite(value)):
                expected = "a number above 0" if name == "temperature" else "a number from 0 to 1"
                raise RangeError(
                    f"calibration: {name}: expected {expected}, got {quoted(value)}; calibrate again"
                )

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return asdict(self)

    def probabilities(self, logits: Floats) -> Floats:
        """Return the probability of each digit, given that there is one: (n, k), rows add up to 1."""
        return self.predictions(logits)[0]

    def doubts(self, logits: Floats) -> Floats:
        """Return the probability that the best digit is wrong, or that there is no digit: (n,)."""
        return self.predictions(logits)[1]

    def predictions(self, logits: Floats) -> tuple[Floats, Floats]:
        """Return `probabilities` and `doubts`: (n, k) and (n,)."""
        p, none = open_set(logits / self.temperature)
        return p, 1 - (1 - none) * p.max(axis=1, initial=0.0)


def open_set(logits: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities of the digits, given that there is one, and of no digit: (n, k) and (n,).

    "No digit" has a logit that is always 0: ``p = exp z / sum exp z`` and ``none = 1 / (1 + sum exp z)``.

    Examples
    --------
    >>> p, none = open_set(np.zeros((1, 3)))
    >>> p.round(3).tolist(), none.tolist()
    ([[0.333, 0.333, 0.333]], [0.25])
    """
    top = logits.max(axis=1, initial=0.0)  # no exponential overflows
    e, rest = np.exp(logits - top[:, np.newaxis]), np.exp(-top)
    total = e.sum(axis=1) + rest
    best = logits.max(axis=1, keepdims=True, initial=-np.inf)
    digits = np.exp(logits - best)
    return digits / digits.sum(axis=1, keepdims=True), rest / total
