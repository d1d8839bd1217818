"""Five nearest neighbours, each with one vote.

Comparing 10,000 images with 60,000 images of 784 pixels takes 15 seconds. PCA is a rotation, so
distances between images do not change, and a few axes hold most of the distance; the rest is
bounded. So scikit-learn first finds 64 candidates along 128 axes, and only their distances are
computed exactly. If the bound does not exclude all other images, which happens for one image in
forty, all distances are computed.
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
_FEW_PIXELS = 1024  # the time of an eigenvalue problem grows with the third power of the pixels
_ROUNDING = 1e-3  # margin for float32: the bounds may be too large by this fraction
_BLOCK = 200  # queries at once: 200 x 64 x 784 float32 numbers are 40 MB


class Candidates:
    """Images along their principal axes, and the images themselves.

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
        n, pixels = images.shape
        solver = "full" if n < pixels > _FEW_PIXELS else "covariance_eigh"  # the same axes
        self.axes = PCA(min(_AXES, n, pixels), svd_solver=solver, copy=True).fit(images)
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
        """Return coordinates whose distances are never larger than the images' own, ``(n, d + 1)``.

        The last coordinate is the length of the remainder outside the axes: the distance of two vectors is
        at least the difference of their lengths.
        """
        along = self.axes.transform(images)  # (n, d)
        all_squared = np.sum((images - self.axes.mean_) ** 2, axis=1)
        left_out = np.sqrt(np.maximum(all_squared - np.sum(along**2, axis=1), 0))
        return np.asarray(np.column_stack([along, left_out]), dtype=np.float32)


def _search(points: NDArray[np.float32], k: int) -> NearestNeighbors:
    from sklearn.neighbors import NearestNeighbors

    # All parameters are given. Only algorithm and n_jobs differ from the defaults: they change the
    # search, not its result.
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
    """Return a context in which scikit-learn's OpenMP uses one thread if this process was forked.

    GNU's OpenMP would wait for ever for the threads of the parent process.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="openmp") if was_forked() else nullcontext()


class NearestNeighbours:
    """The vote of the nearest training images by Euclidean distance, as in scikit-learn's classifier.

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
        """Store the images and their labels."""
        if len(train) < _NEIGHBOURS:
            raise DataError(f"knn: expected at least {_NEIGHBOURS} images, got {len(train)}; add more")
        state: Arrays = {
            "images": np.array(train.images, dtype=np.uint8, order="C").reshape(
                len(train), -1
            ),  # (n, pixels)
            "labels": np.array(train.labels, dtype=np.int64),  # (n,)
        }
        self._candidates(state)
        return state

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
        """Return the share of votes for each class."""
        nearest = self._candidates(state).nearest(rows.astype(np.float32))
        votes = state["labels"][nearest]  # (m, 5)
        return np.asarray((votes[:, :, np.newaxis] == np.arange(classes)).mean(axis=1))

    def n_parameters(self, state: Arrays) -> None:
        """Return None: the training images are the model."""

    def shapes(self, pixels: int, classes: int) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state."""
        return {"images": (None, pixels), "labels": (None,)}

    def config(self) -> dict[str, Any]:
        """Return the number of neighbours; the options of the search do not change the result."""
        return {"neighbours": _NEIGHBOURS}

    def _candidates(self, state: Arrays) -> Candidates:
        """Return the images of ``state`` prepared for the search; this is done once."""
        if self._ready is None or self._ready[0] is not state:
            pixels = state["images"].astype(np.float32) / np.float32(255)  # (n, pixels)
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
        "The published figure is from scikit-learn's KNeighborsClassifier with its defaults of 2020, 241 to "
        "257 s for 10,000 images. Ours gives the same votes with scikit-learn's PCA and NearestNeighbors: "
        "candidates along 128 principal axes, then exact distances.",
    ),
)
