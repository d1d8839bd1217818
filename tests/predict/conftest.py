"""What the tests of the predict unit share: digits of the bundled sample, and a model that knows them."""

from __future__ import annotations

import pytest

from tenfold.data import Corpus, load_corpus
from tenfold.predict import Reader, Recogniser
from tenfold.zoo import build


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


@pytest.fixture(scope="session")
def reader(corpus: Corpus) -> Reader:
    """Reads with the nearest neighbours among 4,000 images; good enough for clear digits."""
    model = build("knn")
    model.fit(corpus.train)
    return Reader(Recogniser(model, threshold=0.7))
