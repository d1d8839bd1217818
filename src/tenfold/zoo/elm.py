"""An extreme learning machine: a fixed random hidden layer, and ridge regression on its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Dataset
from tenfold.train import generator
from tenfold.zoo.classical import Arrays, ClassicalModel
from tenfold.zoo.entry import Entry
from tenfold.zoo.least_squares import COEFFICIENTS, fit_ridge
from tenfold.zoo.network import indicator_probabilities
from tenfold.zoo.protocols import SplitFractions, hold_out
from tenfold.zoo.published import Published
from tenfold.zoo.references import FIFTH_HELD_OUT, LEAST_SQUARES, MLP_CNN_DOCUMENT, TEN_SEEDS

UNITS = 500
DEVIATION = 0.2


class ExtremeLearningMachine:
    """500 random units, ReLU, then a linear map to indicators of the classes in closed form.

    References
    ----------
    G.-B. Huang, Q.-Y. Zhu, C.-K. Siew, "Extreme learning machine: Theory and applications" (2006).
    """

    def prepare(self) -> None:
        """Import nothing."""

    def fit(self, train: Dataset, validation: Dataset | None, seed: int) -> Arrays:
        """Return the random weights, and weights, biases and coefficient of the linear map."""
        parts = hold_out(train, seed) if validation is None else (train, validation)
        pixels = int(np.prod(train.image_shape))
        hidden = generator(seed, 0, "initialisation").normal(0, DEVIATION, (pixels, UNITS))
        weights, biases, coefficient = fit_ridge(*parts, features=partial(_activations, hidden))
        return {
            "hidden": hidden,
            "weights": weights,
            "biases": biases,
            "coefficient": np.array([coefficient]),
        }

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
        """Return the indicators as probabilities."""
        outputs = _activations(state["hidden"], rows) @ state["weights"] + state["biases"]
        return indicator_probabilities(outputs)

    def n_parameters(self, state: Arrays) -> int:
        """Return the number of fitted weights and biases, without the random ones."""
        return int(state["weights"].size + state["biases"].size)

    def shapes(self, pixels: int, classes: int) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state."""
        return {
            "hidden": (pixels, UNITS),
            "weights": (UNITS, classes),
            "biases": (classes,),
            "coefficient": (1,),
        }

    def config(self) -> dict[str, Any]:
        """Return the options of the random layer, and the coefficients that are tried."""
        return {"units": UNITS, "deviation": DEVIATION, "coefficients": list(COEFFICIENTS)}


def _activations(hidden: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the outputs of the random layer, (n, 500)."""
    activations: NDArray[np.float64] = np.maximum(rows @ hidden, 0)
    return activations


ELM_500 = Entry(
    name="elm-500",
    title="784-500 random ReLU, then least squares with a ridge",
    build=lambda entry: ClassicalModel(entry.name, ExtremeLearningMachine()),
    published=Published.once(0.9194, MLP_CNN_DOCUMENT),
    seeds=TEN_SEEDS,
    parameters=5_010,
    selection_set=SplitFractions(0.8, 0.2),
    notes=(
        FIFTH_HELD_OUT,
        *LEAST_SQUARES,
        "The random layer has no biases. Its 392,000 weights are not counted, because they are not learned.",
    ),
)
