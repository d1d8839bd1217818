"""The images that both models misread, and those that one of them alone does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold import metrics
from tenfold.evaluate.classes import Classes
from tenfold.evaluate.comparison import ModelResults
from tenfold.evaluate.evaluation import Labelled
from tenfold.pages import Html
from tenfold.pages.images import image_picture


@dataclass(frozen=True)
class Misread:
    """One image: its label, and how many runs of each model misread it."""

    index: int
    picture: Html
    label: str
    runs: tuple[int, int]
    doubtful: bool


@dataclass(frozen=True)
class Gallery:
    """Some of the images that a group of models misread, and how many there are."""

    title: str
    images: tuple[Misread, ...]
    every: int


def galleries(a: ModelResults, b: ModelResults, test: Labelled, most: int) -> list[Gallery]:
    """Return three galleries: misread by both, by the first alone, by the second alone.

    An image counts as misread by a model if more than half of its runs misread it.
    """
    first, second = a.misread(), b.misread()
    counts = np.rint([first * len(a.trials), second * len(b.trials)]).astype(np.int64)  # (2, n)
    classes = _classes(test)
    word = classes.misread.capitalize()
    doubtful = metrics.DOUBTFUL if metrics.is_mnist_test(test.labels) else ()
    often_a, often_b = first > 0.5, second > 0.5
    groups = [
        (f"{word} by both", often_a & often_b, first + second),
        (f"{word} by {a.name} alone", often_a & ~often_b, first - second),
        (f"{word} by {b.name} alone", often_b & ~often_a, second - first),
    ]

    def one(i: int) -> Misread:
        label = classes[int(test.labels[i])]
        picture = image_picture(test.images[i], f"Test image {i}, labelled {label}")
        return Misread(i, picture, label, (int(counts[0, i]), int(counts[1, i])), i in doubtful)

    found = []
    for title, chosen, weight in groups:
        index = _heaviest(chosen, weight)
        found.append(Gallery(title, tuple(one(int(i)) for i in index[:most]), len(index)))
    return found


def _classes(test: Labelled) -> Classes:
    """Return the names of the test images' classes, or numbers."""
    names = getattr(test, "class_names", None)
    number = len(names) if names else max(10, int(test.labels.max()) + 1)
    return Classes.named(number, names, grey=test.images.ndim < 4)


def _heaviest(chosen: NDArray[np.bool_], weight: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the images chosen, those with the largest weight first."""
    index = np.flatnonzero(chosen)
    return index[np.argsort(-weight[index], kind="stable")]
