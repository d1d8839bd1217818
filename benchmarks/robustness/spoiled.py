"""Kinds made from images of MNIST: as they are, enlarged on paper, and corrupted in fifteen ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from case import Case
from corruptions import CORRUPTIONS, Corruption, corrupted
from files import FILES
from kind import Kind
from numpy.random import Generator
from papers import PAPERS
from PIL import Image
from scene import INKS, inked, one

from tenfold.data import Dataset

PICTURES, PLAIN, LARGE = 1000, 4000, 500


@dataclass(frozen=True)
class Spoiled:
    """An image of 28 x 28, corrupted where a way is given."""

    images: Dataset
    corruption: Corruption | None = None

    def __call__(self, rng: Generator) -> Case:
        index = int(rng.integers(len(self.images)))
        image, label = self.images.images[index], str(self.images.labels[index])
        return Case(image if self.corruption is None else corrupted(image, self.corruption, rng), label)


@dataclass(frozen=True)
class OnPaper:
    """An image enlarged, somewhere on white paper, or light on a board."""

    images: Dataset

    def __call__(self, rng: Generator) -> Case:
        index, side = int(rng.integers(len(self.images))), int(rng.integers(60, 240))
        large = Image.fromarray(self.images.images[index]).resize((side, side), Image.Resampling.BICUBIC)
        above, below, left, right = (int(side * share) for share in rng.uniform(0, 0.6, 4))
        coverage = np.pad(np.asarray(large) / 255, ((above, below), (left, right)))
        paper, ink = one((("white", "usual"), ("screen", "black"), ("blackboard", "chalk")), rng)
        page = inked(PAPERS[paper](coverage.shape, side * 0.7, rng), coverage, one(INKS[ink], rng))
        return Case(FILES[one(("png", "jpeg"), rng)](page, rng), str(self.images.labels[index]))


def spoiled(images: Dataset) -> list[Kind]:
    """Return the kinds made from these images."""
    return [
        Kind("MNIST", "as it is", Spoiled(images), PLAIN),
        Kind("MNIST", "enlarged, on paper or board", OnPaper(images), LARGE),
        *(
            Kind("MNIST corrupted", name, Spoiled(images, corruption), PICTURES)
            for name, corruption in CORRUPTIONS.items()
        ),
    ]
