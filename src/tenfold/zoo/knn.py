"""Five nearest neighbours, each with one vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import ConfigError
from tenfold.zoo.classical import Arrays, ClassicalModel, by_digit
from tenfold.zoo.entry import Entry, Published
from tenfold.zoo.sources import CLASSICAL, LENET_DOCUMENT

if TYPE_CHECKING:
    from sklearn.neighbors import KNeighborsClassifier

_NEIGHBOURS = 5


class NearestNeighbours:
    """scikit-learn's ``KNeighborsClassifier``: the vote of the nearest training images by Euclidean distance.

    References
    ----------
    https://scikit-learn.org/0.23/modules/generated/sklearn.neighbors.KNeighborsClassifier.html
    """

    def __init__(self) -> None:
        self._ready: tuple[Arrays, KNeighborsClassifier] | None = None

    def fit(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Arrays:
        """Keep the images and their labels."""
        if len(images) < _NEIGHBOURS:
            raise ConfigError(f"knn: expected at least {_NEIGHBOURS} images, got {len(images)}; pass more")
        return {
            "images": np.array(images, dtype=np.uint8, order="C").reshape(len(images), -1),  # (n, 784)
            "labels": np.array(labels, dtype=np.int64),  # (n,)
        }

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of votes for each digit."""
        model = self._classifier(state)
        return by_digit(model.classes_, model.predict_proba(rows))

    def n_parameters(self, state: Arrays) -> None:
        """Return nothing: the training images are the model."""

    def shapes(self) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state."""
        return {"images": (None, 784), "labels": (None,)}

    def _classifier(self, state: Arrays) -> KNeighborsClassifier:
        """Return the classifier over the images of ``state``, which become floats once."""
        if self._ready is None or self._ready[0] is not state:
            # float64, as in the source document; scikit-learn's search multiplies float32 in float64 too.
            self._ready = state, _new().fit(state["images"] / 255.0, state["labels"])
        return self._ready[1]


def _new() -> KNeighborsClassifier:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(
        n_neighbors=_NEIGHBOURS,
        weights="uniform",
        algorithm="brute",
        leaf_size=30,  # of trees, which an exhaustive search has none of
        p=2,
        metric="minkowski",
        metric_params=None,
        n_jobs=-1,
    )


KNN = Entry(
    name="knn",
    title="Five nearest neighbours, Euclidean",
    build=lambda entry: ClassicalModel(entry.name, NearestNeighbours()),
    published=Published(0.9688, 0.9688, 0.9688, runs=1, source=LENET_DOCUMENT, predict_seconds=241.0),
    seeds=(0,),
    parameters=None,
    notes=(
        *CLASSICAL,
        "Two parameters are not the defaults: algorithm='brute', n_jobs=-1. They set how the neighbours are "
        "searched for, not which are nearest. Published: 241 to 257 s for 10,000 images.",
    ),
)
