"""Multinomial logistic regression, fitted by a hundred iterations of L-BFGS."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import DataError
from tenfold.zoo.classical import Arrays, ClassicalModel, by_class
from tenfold.zoo.entry import Entry
from tenfold.zoo.model_input import as_rows
from tenfold.zoo.published import Published
from tenfold.zoo.references import CLASSICAL, LENET_DOCUMENT

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

    from tenfold.data import Dataset

_OPTIONS: dict[str, Any] = {
    "C": 1.0,
    "l1_ratio": 0.0,
    "dual": False,
    "tol": 1e-4,
    "fit_intercept": True,
    "intercept_scaling": 1,
    "class_weight": None,
    "random_state": None,
    "solver": "lbfgs",
    "max_iter": 100,
    "verbose": 0,
    "warm_start": False,
    "n_jobs": None,
}


class MultinomialRegression:
    """scikit-learn's ``LogisticRegression`` with the defaults of 2020, all given.

    ``penalty="l2"`` is now called ``l1_ratio=0``, and ``multi_class="auto"`` (multinomial with lbfgs) is now
    the only choice.

    References
    ----------
    https://scikit-learn.org/0.23/modules/generated/sklearn.linear_model.LogisticRegression.html
    """

    def prepare(self) -> None:
        """Import scikit-learn."""
        _new()

    def fit(self, train: Dataset, validation: Dataset | None, seed: int) -> Arrays:
        """Return weights and biases."""
        if len(np.unique(train.labels)) < 2:
            only = f"only {train.class_names[train.labels[0]]!r}" if len(train) else "no images"
            raise DataError(
                f"logistic-regression: expected images of at least two classes, got {only}; add more"
            )
        from sklearn.exceptions import ConvergenceWarning

        model = _new()
        with warnings.catch_warnings():
            # The published figure is from the hundredth iteration, converged or not.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(as_rows(train.images, train.image_shape), train.labels)
        return {
            "digits": model.classes_.astype(np.int64),  # (k,)
            # In the memory order of saved arrays, so that products have the same last bits.
            "weights": np.ascontiguousarray(model.coef_),  # (k, pixels); (1, pixels) for two digits
            "biases": np.ascontiguousarray(model.intercept_),
        }

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
        """Return the softmax of the linear map."""
        model = _new()
        model.classes_ = state["digits"]
        model.coef_, model.intercept_ = state["weights"], state["biases"]
        model.n_features_in_ = model.coef_.shape[1]
        return by_class(state["digits"], model.predict_proba(rows), classes)

    def n_parameters(self, state: Arrays) -> int:
        """Return the number of weights and biases."""
        return int(state["weights"].size + state["biases"].size)

    def shapes(self, pixels: int, classes: int) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state."""
        return {"digits": (None,), "weights": (None, pixels), "biases": (None,)}

    def config(self) -> dict[str, Any]:
        """Return scikit-learn's options."""
        return dict(_OPTIONS)


def _new() -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**_OPTIONS)


LOGISTIC_REGRESSION = Entry(
    name="logistic-regression",
    title="Multinomial logistic regression, L2, C=1, L-BFGS, 100 iterations",
    build=lambda entry: ClassicalModel(entry.name, MultinomialRegression()),
    published=Published.once(0.9258, LENET_DOCUMENT, train_seconds=32.0, predict_seconds=0.02),
    seeds=(0,),
    parameters=7850,
    notes=CLASSICAL,
)
