"""The neighbour search against scikit-learn and against measuring every distance."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from tenfold.data import load_corpus
from tenfold.errors import ConfigError
from tenfold.zoo.neighbours import Neighbours


def brute(images: np.ndarray, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    distances = ((queries[:, np.newaxis].astype(np.float64) - images) ** 2).sum(axis=2)  # (m, n)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distances, order, axis=1)


CASES = {
    "noise": lambda rng: (rng.integers(0, 256, (300, 784)), rng.integers(0, 256, (40, 784))),
    "few images": lambda rng: (rng.integers(0, 256, (5, 784)), rng.integers(0, 256, (7, 784))),
    "many of them equal": lambda rng: (
        np.tile(rng.integers(0, 256, (4, 784)), (30, 1)),
        rng.integers(0, 256, (9, 784)),
    ),
    "all the same": lambda rng: (np.full((50, 784), 7), np.full((3, 784), 9)),
    "blank queries": lambda rng: (rng.integers(0, 256, (200, 784)), np.zeros((4, 784), int)),
    "queries among the images": lambda rng: ((images := rng.integers(0, 256, (120, 784))), images[:50]),
    "along a line": lambda rng: (
        np.repeat(rng.integers(0, 256, (200, 1)), 784, axis=1),
        np.full((5, 784), 100),
    ),
    "few pixels": lambda rng: (rng.integers(0, 4, (400, 9)), rng.integers(0, 4, (600, 9))),
}


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("case", CASES)
def test_the_same_as_measuring_every_distance(case: str, k: int) -> None:
    images, queries = (a.astype(np.uint8) for a in CASES[case](np.random.default_rng(0)))
    index, distances = Neighbours(images).nearest(queries, k)
    want_index, want_distances = brute(images, queries, k)
    np.testing.assert_array_equal(distances, want_distances)
    np.testing.assert_array_equal(index, want_index)


def test_the_same_as_scikit_learn_on_digits() -> None:
    corpus = load_corpus("mnist-5k")
    images, queries = (part.images.reshape(len(part), -1) for part in (corpus.train, corpus.test))
    referee = KNeighborsClassifier(
        n_neighbors=5, weights="uniform", algorithm="brute", p=2, metric="minkowski", metric_params=None
    ).fit(images.astype(np.float64), corpus.train.labels)
    want, want_index = referee.kneighbors(queries.astype(np.float64))
    index, distances = Neighbours(images).nearest(queries, 5)
    np.testing.assert_allclose(np.sqrt(distances), want, rtol=1e-12)
    assert (index == want_index).mean() > 0.999  # neighbours at equal distance may be told in another order


def test_queries_in_between_grey_levels() -> None:
    rng = np.random.default_rng(1)
    images, queries = rng.integers(0, 256, (100, 784), np.uint8), rng.uniform(0, 255, (20, 784))
    index, _ = Neighbours(images).nearest(queries, 3)
    np.testing.assert_array_equal(index, brute(images, queries, 3)[0])


@pytest.mark.parametrize("k", [0, 6, 65])
def test_too_many_neighbours_are_refused(k: int) -> None:
    images = np.zeros((5, 784), np.uint8)
    with pytest.raises(ConfigError, match=rf"expected 1 to 5 neighbours among 5 images, got {k}; use fewer"):
        Neighbours(images).nearest(images, k)
