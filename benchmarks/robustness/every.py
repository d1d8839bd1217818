"""All kinds of pictures, in the order of the table."""

from __future__ import annotations

from forms import forms
from kind import FINAL, Kind
from nothing import NOTHING
from people import people
from signs import signs
from spoiled import spoiled
from tight import tight
from touching import touching
from turned import turned
from written import WRITTEN

from tenfold.data import Dataset, load_corpus

HELD_OUT = 5_000  # training images that stand in for the test images while building


def every_kind(seed: int) -> list[Kind]:
    """Return all kinds; with any seed but the final one, none shows an image of the test set."""
    images = _images(seed)
    return [
        *spoiled(images),
        *people(seed),
        *WRITTEN,
        *tight(images),
        *forms(images),
        *signs(images),
        *touching(images),
        *turned(),
        *NOTHING,
    ]


def _images(seed: int) -> Dataset:
    corpus = load_corpus()
    if seed == FINAL:
        return corpus.test
    train = corpus.train
    return Dataset(train.images[-HELD_OUT:], train.labels[-HELD_OUT:], "held out")
