"""Temperature and threshold, chosen on validation images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from tenfold.data import Augmenter, Dataset
from tenfold.nn import OpenSetCrossEntropy
from tenfold.zoo import NetworkModel
from tenfold.zoo.calibration import Calibration

Floats = NDArray[np.float64]

REFUSED = 0.02
"""Share of the validation digits that may be refused."""


def best_temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """Return the temperature at which the outputs cost least.

    Parameters
    ----------
    logits : float64 (n, k)
    labels : int64 (n,)
        0 to k; k where there is no digit.

    Returns
    -------
    float
        In 0.1..10.
    """
    loss = OpenSetCrossEntropy()

    def cost(log_temperature: float) -> float:
        return float(loss.forward(logits / np.exp(log_temperature), labels)[0])

    found = minimize_scalar(cost, bounds=(np.log(0.1), np.log(10)), method="bounded")
    return float(np.exp(found.x))


def calibrated(logits: Floats, labels: NDArray[np.int64], refused: float = REFUSED) -> Calibration:
    """Return the calibration that outputs for validation images ask for.

    Parameters
    ----------
    logits : float64 (n, k)
    labels : int64 (n,)
        0 to k; k where there is no digit.
    refused : float
        The share of the digits that is refused by the threshold, which is a quantile of their doubts.
    """
    temperature = best_temperature(logits, labels)
    doubts = Calibration(temperature, 1.0).doubts(logits[labels < logits.shape[1]])
    return Calibration(temperature, float(np.quantile(doubts, 1 - refused)))


def altered(
    validation: Dataset, augmentation: Augmenter, seed: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return one draw of an augmentation of validation images, and the labels."""
    return augmentation.examples(validation.images, validation.labels, np.random.default_rng(seed))


def calibrate(
    model: NetworkModel, validation: Dataset, augmentation: Augmenter, *, seed: int = 0
) -> Calibration:
    """Return a network's calibration, chosen on validation images as they are, and as many altered ones.

    Parameters
    ----------
    model : NetworkModel
    validation : Dataset
        Images that it was not trained on.
    augmentation : Augmenter
    seed : int
        For the augmentation.
    """
    images, labels = altered(validation, augmentation, seed)
    logits = np.concatenate([model.logits(validation.images), model.logits(images)])
    return calibrated(logits, np.concatenate([validation.labels, labels]))
