"""Five nearest neighbours, each with one vote.

To measure 60,000 images of 784 pixels for every answer takes a quarter of a minute for 10,000
answers. Turned to its principal axes, an image keeps all its distances, and a few axes hold most of
them; what is left out can be bounded. So scikit-learn first finds 64 candidates along 128 axes, and
these alone are measured exactly. Where the bound does not rule out all others, and that is one
answer in forty, it measures them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.backend.forked import was_forked
from tenfold.errors import DataError
from tenfold.zoo.classical import Arrays, ClassicalModel
from tenfold.zoo.entry import Entry
from tenfold.zoo.published import Published
from tenfold.zoo.references import LENET_DOCUMENT

if TYPE_CHECKING:
    from sklearn.neighbors import NearestNeighbors

    from tenfold.data import Dataset

_NEIGHBOURS = 5
_AXES, _CANDIDATES = 128, 64
_ROUNDING = 1e-3  # room for float32 in the bounds: they may be this part too large
_BLOCK = 200  # answers measured at once: 200 x 64 x 784 float32 numbers are 40 MB


class Candidates:
    """Images along their principal axes, and as they are.

    Parameters
    ----------
    images : float32 (n, p)

    References
    ----------
    I. T. Jolliffe, "Principal Component Analysis", 2nd ed., section 2.1.
    """

    def __init__(self, images: NDArray[np.float32]) -> None:
        from sklearn.decomposition import PCA

        self.images = images
        self.axes = PCA(min(_AXES, *images.shape), svd_solver="covariance_eigh", copy=True).fit(images)
        self.near = _search(self._along_axes(images), min(_CANDIDATES, len(images)))
        self.all = _search(images, _NEIGHBOURS)

    def nearest(self, queries: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the five nearest images of each query, exactly, ``(m, 5)``."""
        with _openmp_that_forks():
            bounds, candidates = self.near.kneighbors(self._along_axes(queries))  # (m, 64) each
        found = np.empty((len(queries), _NEIGHBOURS), np.int64)
        unsure = np.empty(len(queries), bool)
        for start in range(0, len(queries), _BLOCK):
            block = slice(start, start + _BLOCK)
            apart = self.images[candidates[block]] - queries[block, np.newaxis]  # (b, 64, p)
            distances = np.sqrt(np.sum(apart.astype(np.float64) ** 2, axis=2))  # (b, 64)
            order = np.argsort(distances, axis=1)[:, :_NEIGHBOURS]
            found[block] = np.take_along_axis(candidates[block], order, axis=1)
            fifth = np.take_along_axis(distances, order[:, -1:], axis=1)[:, 0]
            unsure[block] = fifth > bounds[block, -1] * (1 - _ROUNDING)
        if candidates.shape[1] < len(self.images) and unsure.any():
            with _openmp_that_forks():
                found[unsure] = self.all.kneighbors(queries[unsure], return_distance=False)
        return found

    def _along_axes(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Coordinates whose distances are never above the images' own, ``(n, d + 1)``.

        The last is the length of what the axes leave out: two vectors are at least as far apart as
        their lengths differ.
        """
        along = self.axes.transform(images)  # (n, d)
        all_squared = np.sum((images - self.axes.mean_) ** 2, axis=1)
        left_out = np.sqrt(np.maximum(all_squared - np.sum(along**2, axis=1), 0))
        return np.asarray(np.column_stack([along, left_out]), dtype=np.float32)


def _search(points: NDArray[np.float32], k: int) -> NearestNeighbors:
    from sklearn.neighbors import NearestNeighbors

    # Every parameter is named. Of these only algorithm and n_jobs are not the defaults: they set how
    # the nearest are searched for, not which they are.
    search = NearestNeighbors(
        n_neighbors=k,
        radius=1.0,
        algorithm="brute",
        leaf_size=30,
        metric="minkowski",
        p=2,
        metric_params=None,
        n_jobs=-1,
    )
    return search.fit(points)


def _openmp_that_forks() -> AbstractContextManager[object]:
    """Return a context in which scikit-learn's OpenMP takes one thread if this process was forked.

    GNU's OpenMP would wait there for ever for threads that its parent had.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="openmp") if was_forked() else nullcontext()


class NearestNeighbours:
    """The vote of the nearest training images by Euclidean distance, as scikit-learn's classifier counts it.

    References
    ----------
    https://scikit-learn.org/0.23/modules/generated/sklearn.neighbors.KNeighborsClassifier.html
    """

    def __init__(self) -> None:
        self._ready: tuple[Arrays, Candidates] | None = None

    def prepare(self) -> None:
        """Import scikit-learn."""
        for name in ("sklearn.decomposition", "sklearn.neighbors", "threadpoolctl"):
            import_module(name)

    def fit(self, train: Dataset, validation: Dataset | None, seed: int) -> Arrays:
        """Keep the images and their labels."""
        if len(train) < _NEIGHBOURS:
            raise DataError(f"knn: expected at least {_NEIGHBOURS} images, got {len(train)}; pass more")
        state: Arrays = {
            "images": np.array(train.images, dtype=np.uint8, order="C").reshape(len(train), -1),  # (n, 784)
            "labels": np.array(train.labels, dtype=np.int64),  # (n,)
        }
        self._candidates(state)
        return state

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of votes for each digit."""
        nearest = self._candidates(state).nearest(rows.astype(np.float32))
        votes = state["labels"][nearest]  # (m, 5)
        return np.asarray((votes[:, :, np.newaxis] == np.arange(10)).mean(axis=1))

    def n_parameters(self, state: Arrays) -> None:
        """Return nothing: the training images are the model."""

    def shapes(self) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state."""
        return {"images": (None, 784), "labels": (None,)}

    def config(self) -> dict[str, Any]:
        """Return how many vote; how they are searched for does not decide which they are."""
        return {"neighbours": _NEIGHBOURS}

    def _candidates(self, state: Arrays) -> Candidates:
        """Return the images of ``state`` arranged for the search, which is done once."""
        if self._ready is None or self._ready[0] is not state:
            pixels = state["images"].astype(np.float32) / np.float32(255)  # (n, 784)
            self._ready = state, Candidates(pixels)
        return self._ready[1]


KNN = Entry(
    name="knn",
    title="Five nearest neighbours, Euclidean",
    build=lambda entry: ClassicalModel(entry.name, NearestNeighbours()),
    published=Published.once(0.9688, LENET_DOCUMENT, predict_seconds=241.0),
    seeds=(0,),
    parameters=None,
    notes=(
        "Published with scikit-learn's KNeighborsClassifier and its defaults of 2020, 241 to 257 "
        "s for 10,000 images. Ours gives the same votes with scikit-learn's PCA and "
        "NearestNeighbors: candidates along 128 principal axes, then exact distances.",
    ),
)
