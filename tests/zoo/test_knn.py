"""The five nearest, against measuring every distance in whole numbers; what is kept and saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from tenfold.checkpoint import load
from tenfold.data import Corpus, Dataset, load_corpus
from tenfold.zoo import build, load_model


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


def test_the_same_votes_as_measuring_every_distance(corpus: Corpus) -> None:
    train, test = corpus.train.subset(slice(0, 2000)), corpus.test.subset(slice(0, 200))
    a, b = (part.images.reshape(len(part), -1).astype(np.int64) for part in (test, train))
    squared = (a**2).sum(axis=1)[:, np.newaxis] - 2 * (a @ b.T) + (b**2).sum(axis=1)  # (m, n), exact
    order = np.argsort(squared, axis=1)
    fifth, sixth = np.take_along_axis(squared, order[:, 4:6], axis=1).T
    told_apart = fifth < sixth  # where the two are equally far, either may vote
    assert told_apart.mean() > 0.99
    votes = train.labels[order[:, :5]]  # (m, 5)
    want = (votes[:, :, np.newaxis] == np.arange(10)).mean(axis=1)
    model = build("knn")
    model.fit(train)
    np.testing.assert_allclose(model.predict_proba(test.images)[told_apart], want[told_apart], atol=1e-12)


def test_the_images_are_kept_and_saved_as_they_are(corpus: Corpus, tmp_path: Path) -> None:
    part = corpus.train.subset(slice(0, 50))
    model = build("knn")
    model.fit(part)
    saved = load(model.save(tmp_path / "model")).tensors["weights"]
    assert saved.keys() == {"images", "labels"}
    np.testing.assert_array_equal(saved["images"], part.images.reshape(50, 784), strict=True)
    np.testing.assert_array_equal(saved["labels"], part.labels, strict=True)
    assert (tmp_path / "model" / "weights.safetensors").stat().st_size < 50 * (784 + 8) + 1000
    assert load_model(tmp_path / "model").n_parameters is None


def test_a_model_fitted_again_answers_by_its_new_images(corpus: Corpus) -> None:
    model = build("knn")
    for digit in (3, 8):
        model.fit(corpus.train.subset(np.flatnonzero(corpus.train.labels == digit)[:20]))
        assert (model.predict(corpus.test.images[:10]) == digit).all()


@pytest.mark.parametrize("images", [5, 40, 64, 65, 300])
def test_few_images_are_searched_as_well_as_many(images: int) -> None:
    """Noise has no principal axes: the bound rules out nobody, and all are measured."""
    rng = np.random.default_rng(images)
    train = Dataset(rng.integers(0, 256, (images, 28, 28), np.uint8), rng.integers(0, 10, images), "noise")
    test = rng.integers(0, 256, (20, 28, 28), np.uint8)
    referee = KNeighborsClassifier(5, algorithm="brute")
    referee.fit(train.images.reshape(images, -1) / 255.0, train.labels)
    model = build("knn")
    model.fit(train)
    want = np.zeros((20, 10))
    want[:, referee.classes_] = referee.predict_proba(test.reshape(20, -1) / 255.0)
    np.testing.assert_allclose(model.predict_proba(test), want, atol=1e-12)
