"""What is in a corpus: how many images of which shape, of which classes, with which pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenfold.data.corpus import Corpus
from tenfold.data.dataset import Dataset

_SHOWN = 12  # classes by name
_CHANNELS = {1: "grey", 3: "colour"}


@dataclass(frozen=True)
class Contents:
    """What is in a corpus.

    Attributes
    ----------
    name, split : str
        As the corpus's.
    shape : tuple of int
        Height, width and channels of an image.
    train_images, test_images : int
    classes : dict of str to tuple of int
        For each class, how many training and test images it has.
    levels : tuple of float
        The smallest, mean and largest pixel of the training images, from 0 to 255.
    """

    name: str
    split: str
    shape: tuple[int, int, int]
    train_images: int
    test_images: int
    classes: dict[str, tuple[int, int]]
    levels: tuple[int, float, int]

    def lines(self) -> list[str]:
        """Return it in lines for people."""
        h, w, c = self.shape
        test = " (held out of the training images)" if self.split == "held-out" else ""
        least, mean, most = self.levels
        return [
            f"{self.name}: images of {h} x {w}, {_CHANNELS.get(c, f'{c} channels')}",
            f"  training images  {self.train_images:,}",
            f"  test images      {self.test_images:,}{test}",
            f"  classes          {len(self.classes):,}: {self._classes()}",
            f"  pixels           {least} to {most}, mean {mean:.1f}",
        ]

    def _classes(self) -> str:
        """Return the first classes, each with its number of images in both sets."""
        shown = [f"{name} ({sum(counts):,})" for name, counts in self.classes.items()]
        return ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")


def contents(corpus: Corpus) -> Contents:
    """Look at every image of a corpus once.

    Examples
    --------
    >>> from tenfold.data import load_corpus
    >>> for line in contents(load_corpus("mnist-5k")).lines()[:3]:
    ...     print(line)
    mnist-5k: images of 28 x 28, grey
      training images  4,000
      test images      1,000
    """
    counts = [
        np.bincount(part.labels, minlength=part.classes).tolist() for part in (corpus.train, corpus.test)
    ]
    return Contents(
        corpus.name,
        corpus.split,
        corpus.train.image_shape,
        len(corpus.train),
        len(corpus.test),
        {name: (n, m) for name, n, m in zip(corpus.train.class_names, *counts, strict=True)},
        _levels(corpus.train),
    )


def _levels(images: Dataset) -> tuple[int, float, int]:
    """Return the smallest, mean and largest pixel, without a copy of all images."""
    if not len(images):
        return 0, 0.0, 0
    found = [(int(part.min()), part.sum(dtype=np.int64), int(part.max())) for part in images.parts()]
    least, totals, most = zip(*found, strict=True)
    pixels = len(images) * int(np.prod(images.image_shape))
    return min(least), float(sum(totals)) / pixels, max(most)
