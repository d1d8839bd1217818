"""Gaussian naive Bayes: every pixel of a digit is an independent normal variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import DataError
from tenfold.nn import softmax
from tenfold.zoo.classical import Arrays, ClassicalModel, by_class
from tenfold.zoo.entry import Entry
from tenfold.zoo.model_input import as_rows
from tenfold.zoo.published import Published
from tenfold.zoo.references import CLASSICAL, LENET_DOCUMENT

if TYPE_CHECKING:
    from sklearn.naive_bayes import GaussianNB

    from tenfold.data import Dataset

_OPTIONS: dict[str, Any] = {"priors": None, "var_smoothing": 1e-9}


class GaussianNaiveBayes:
    """scikit-learn's ``GaussianNB`` with the defaults of 2020, which are also today's, all given.

    References
    ----------
    https://scikit-learn.org/0.23/modules/generated/sklearn.naive_bayes.GaussianNB.html
    """

    def prepare(self) -> None:
        """Import scikit-learn."""
        _new()

    def fit(self, train: Dataset, validation: Dataset | None, seed: int) -> Arrays:
        """Return mean, variance and share of each class."""
        if (train.images == train.images[0]).all():
            raise DataError(
                f"gaussian-nb: expected images that differ, got {len(train)} without variance; pass others"
            )
        model = _new().fit(as_rows(train.images, train.image_shape), train.labels)
        return {
            "digits": model.classes_.astype(np.int64),  # (k,)
            "means": model.theta_,  # (k, pixels)
            "variances": model.var_,  # (k, pixels), the smoothing added
            "priors": model.class_prior_,  # (k,)
        }

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
        """Return the posterior of each class."""
        model = _new()
        model.classes_, model.class_prior_ = state["digits"], state["priors"]
        model.theta_, model.var_ = state["means"], state["variances"]
        model.n_features_in_ = model.theta_.shape[1]
        # not its predict_proba: that subtracts a logarithm from sums of up to 1e17, and loses all decimals
        posterior: NDArray[np.float64] = softmax(model.predict_joint_log_proba(rows))
        return by_class(state["digits"], posterior, classes)

    def n_parameters(self, state: Arrays) -> int:
        """Return the number of means, variances and shares."""
        return sum(state[name].size for name in ("means", "variances", "priors"))

    def shapes(self, pixels: int, classes: int) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state."""
        return {"digits": (None,), "means": (None, pixels), "variances": (None, pixels), "priors": (None,)}

    def config(self) -> dict[str, Any]:
        """Return scikit-learn's options."""
        return dict(_OPTIONS)


def _new() -> GaussianNB:
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB(**_OPTIONS)


GAUSSIAN_NB = Entry(
    name="gaussian-nb",
    title="Gaussian naive Bayes",
    build=lambda entry: ClassicalModel(entry.name, GaussianNaiveBayes()),
    published=Published.once(0.5558, LENET_DOCUMENT, train_seconds=0.44, predict_seconds=0.34),
    seeds=(0,),
    parameters=10 * 784 * 2 + 10,
    notes=CLASSICAL,
)
