"""Small data sets of images of other shapes and classes than MNIST's, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tenfold.data import Corpus, Dataset

PETS = ("cat", "dog", "owl", "hen", "bee")


def images_of(
    shape: tuple[int, ...], names: Sequence[str], n: int, seed: int, name: str, present: int | None = None
) -> Dataset:
    """Return noisy copies of a random image for each class; only the first classes may be present."""
    k = len(names)
    patterns = np.random.default_rng(42).integers(0, 180, (k, *shape))
    labels = np.arange(n) % (present or k)
    images = patterns[labels] + np.random.default_rng(seed).integers(0, 76, (n, *shape))
    own = () if list(names) == list(map(str, range(k))) else names
    return Dataset(images.astype(np.uint8), labels, name, k, own)


def corpus_of(
    shape: tuple[int, ...], names: Sequence[str], name: str, n: int, present: int | None = None
) -> Corpus:
    """Return a training set and a test set of such images."""
    train, test = (images_of(shape, names, size, size, name, present) for size in (n, n // 2))
    return Corpus(name, train, test, origin="made for a test")


CORPORA = {
    "grey digits": corpus_of((28, 28), [str(digit) for digit in range(10)], "digits", 120),
    "letters": corpus_of((20, 24), [chr(ord("A") + i) for i in range(26)], "letters", 156),
    "colour": corpus_of((32, 32, 3), PETS, "pets", 100),
    "a class without images": corpus_of((32, 32, 3), PETS, "few-pets", 100, present=4),
}
