"""What a model says of 28 x 28 images, and how much it doubts that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.zoo import Model, load_model

SHIPPED = Path(__file__).parent / "shipped"

THRESHOLD = 0.5
"""The doubt above which a digit is not named, for models that were not given a threshold of their own."""


@dataclass(frozen=True)
class Judgement:
    """What a recogniser says of ``n`` images.

    Attributes
    ----------
    probabilities : float64 (n, 10)
        Of each digit, given that it is one; each row adds up to 1.
    doubt : float64 (n,)
        In 0..1: how likely the best of the ten is wrong, or the image no digit at all.
    """

    probabilities: NDArray[np.float64]
    doubt: NDArray[np.float64]


@dataclass(frozen=True)
class Recogniser:
    """A model with the doubt from which on it names no digit.

    Attributes
    ----------
    model : Model
    threshold : float
        In 0..1; an image that is doubted more than this is refused.
    """

    model: Model
    threshold: float = THRESHOLD

    @classmethod
    def of(cls, model: Model) -> Recogniser:
        """Take a model with the threshold that suits it."""
        return cls(model)

    def judge(self, images: NDArray[Any]) -> Judgement:
        """Ask the model.

        Parameters
        ----------
        images : uint8 (n, 28, 28)
            Ink high, made like MNIST.

        Returns
        -------
        Judgement
        """
        probabilities = self.model.predict_proba(images)  # (n, 10)
        return Judgement(probabilities, 1 - probabilities.max(axis=1, initial=0.0))


@cache
def shipped() -> Recogniser:
    """Return the network that comes with the package."""
    return Recogniser.of(load_model(SHIPPED))
