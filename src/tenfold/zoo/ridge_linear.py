"""Ridge regression of one-hot labels on pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Dataset
from tenfold.zoo.classical import Arrays, ClassicalModel
from tenfold.zoo.entry import Entry
from tenfold.zoo.least_squares import COEFFICIENTS, fit_ridge
from tenfold.zoo.network import indicator_probabilities
from tenfold.zoo.protocols import SplitFractions, hold_out
from tenfold.zoo.published import Published
from tenfold.zoo.references import FIFTH_HELD_OUT, LEAST_SQUARES, MLP_CNN_DOCUMENT, TEN_SEEDS


class RidgeRegression:
    """A linear map from pixels to indicators of the classes, in closed form."""

    def prepare(self) -> None:
        """Import nothing."""

    def fit(self, train: Dataset, validation: Dataset | None, seed: int) -> Arrays:
        """Return weights, biases and the coefficient."""
        parts = hold_out(train, seed) if validation is None else (train, validation)
        weights, biases, coefficient = fit_ridge(*parts, features=lambda rows: rows)
        return {"weights": weights, "biases": biases, "coefficient": np.array([coefficient])}

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
        """Return the indicators as probabilities."""
        return indicator_probabilities(rows @ state["weights"] + state["biases"])

    def n_parameters(self, state: Arrays) -> int:
        """Return the number of weights and biases."""
        return int(state["weights"].size + state["biases"].size)

    def shapes(self, pixels: int, classes: int) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state."""
        return {"weights": (pixels, classes), "biases": (classes,), "coefficient": (1,)}

    def config(self) -> dict[str, Any]:
        """Return the coefficients that are tried."""
        return {"coefficients": list(COEFFICIENTS)}


RIDGE_LINEAR = Entry(
    name="ridge-linear",
    title="Least squares on one-hot labels with a ridge",
    build=lambda entry: ClassicalModel(entry.name, RidgeRegression()),
    published=Published.once(0.8647, MLP_CNN_DOCUMENT),
    seeds=TEN_SEEDS,
    parameters=7_850,
    selection_set=SplitFractions(0.8, 0.2),
    notes=(FIFTH_HELD_OUT, *LEAST_SQUARES),
)
