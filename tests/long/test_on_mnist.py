"""The classical figures that are quick to measure, on MNIST itself."""

from __future__ import annotations

import pytest

from tenfold.data import Corpus, load_corpus
from tenfold.errors import TenfoldError
from tenfold.zoo import build


@pytest.fixture(scope="module")
def mnist() -> Corpus:
    try:
        return load_corpus("mnist", download=False)
    except TenfoldError as error:
        pytest.skip(f"MNIST is not here: {error}")


@pytest.mark.parametrize(("name", "right"), [("gaussian-nb", 5558), ("knn", 9688)])
def test_the_published_figure(name: str, right: int, mnist: Corpus) -> None:
    model = build(name)
    model.fit(mnist.train)
    assert (model.predict(mnist.test.images) == mnist.test.labels).sum() == right
