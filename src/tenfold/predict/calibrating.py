"""Calibration: the choice of temperature and threshold on validation images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Augmenter, Dataset, split
from tenfold.nn import OpenSetCrossEntropy
from tenfold.predict.reader_recipe import VALIDATION
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel
from tenfold.zoo.open_set import OpenSetCalibration
from tenfold.zoo.protocols import HELD_OUT

Floats = NDArray[np.float64]

REFUSED = 0.02
"""Share of the validation digits that may be rejected."""
ENOUGH = 200
"""The fewest images for the choice of a threshold: four of them are rejected."""


def best_temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """Return the temperature at which the loss of the outputs is least.

    Parameters
    ----------
    logits : float64 (n, k)
    labels : int64 (n,)
        0 to k; k means no digit.

    Returns
    -------
    float
        In 0.1..10.
    """
    from scipy.optimize import minimize_scalar  # heavy: every start of `tenfold train` would wait for it

    loss = OpenSetCrossEntropy()

    def loss_at(log_temperature: float) -> float:
        return float(loss.forward(logits / np.exp(log_temperature), labels)[0])

    found = minimize_scalar(loss_at, bounds=(np.log(0.1), np.log(10)), method="bounded")
    return float(np.exp(found.x))


def calibrated(logits: Floats, labels: NDArray[np.int64], refused: float = REFUSED) -> OpenSetCalibration:
    """Return the calibration from outputs for validation images.

    Parameters
    ----------
    logits : float64 (n, k)
    labels : int64 (n,)
        0 to k; k means no digit.
    refused : float
        The share of the digits that the threshold rejects; the threshold is a quantile of their doubts.
    """
    temperature = best_temperature(logits, labels)
    doubts = OpenSetCalibration(temperature, 1.0).doubts(logits[labels < logits.shape[1]])
    return OpenSetCalibration(temperature, float(np.quantile(doubts, 1 - refused)))


def augmented(
    validation: Dataset, augmentation: Augmenter, seed: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return validation images after one draw of an augmentation, and their labels."""
    return augmentation.examples(validation.images, validation.labels, np.random.default_rng(seed))


def calibrate(
    model: NetworkModel, validation: Dataset, augmentation: Augmenter | None, *, seed: int = 0
) -> OpenSetCalibration:
    """Return a network's calibration from validation images and as many augmented ones.

    Parameters
    ----------
    model : NetworkModel
    validation : Dataset
        Images that it was not trained on.
    augmentation : Augmenter or None
        Without one, there are no augmented images.
    seed : int
        For the augmentation.
    """
    if augmentation is None:
        return calibrated(model.logits(validation.images), validation.labels)
    images, labels = augmented(validation, augmentation, seed)
    logits = np.concatenate([model.logits(validation.images), model.logits(images)])
    return calibrated(logits, np.concatenate([validation.labels, labels]))


def hold_out_for_calibration(
    recipe: Recipe | None, train: Dataset, seed: int
) -> tuple[Dataset, Dataset | None]:
    """Return images for the training, and held-out images for the calibration after it.

    A sixth is held out, at most 5,000; ``None`` if that is too few, or the recipe has another loss.
    """
    n = min(VALIDATION, round(len(train) * HELD_OUT))
    if recipe is None or not isinstance(recipe.loss, OpenSetCrossEntropy) or n < ENOUGH:
        return train, None
    kept, held = split(train, (len(train) - n, n), seed)
    return kept, held


def recalibrate(model: NetworkModel, held: Dataset | None, seed: int) -> str | None:
    """Calibrate a trained network on held-out images, if it can reject images.

    Returns
    -------
    str or None
        One line about the calibration; ``None`` if there is nothing to calibrate.
    """
    if model.calibration is None:
        return None
    if held is not None:
        augmentation = None if model.recipe is None else model.recipe.augmentation
        if not isinstance(augmentation, Augmenter):
            augmentation = None
        model.calibration = calibrate(model, held, augmentation, seed=seed)
    found = model.calibration
    values = f"temperature {found.temperature:.3f} and threshold {found.threshold:.3f}"
    if held is None:
        few = round(ENOUGH / HELD_OUT)
        return f"{values} were kept: choosing them needs a training with {few:,} images or more"
    return f"{values} were chosen on {len(held):,} images that were held out"
