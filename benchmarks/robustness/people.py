"""Digits of people who are not among MNIST's writers.

Thirteen of them (E. Alpaydin and C. Kaynak: "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository, 1998, CC BY 4.0; the part that comes with scikit-learn), in images of 8 x 8 pixels.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from kind import FINAL, Kind
from sklearn.datasets import load_digits
from spoiled import OnPaper

from tenfold.data import Dataset

PICTURES = 900
_MARGIN = 1  # of their pixels: they reach to the edge
_NOTE = "written by 13 people, stored in 8 x 8 pixels"


def people(seed: int) -> list[Kind]:
    """Return the kind; the images of the final seed are others than those looked at while building."""
    images = eight_by_eight()
    half = len(images) // 2
    part = images.subset(range(half, len(images)) if seed == FINAL else range(half))
    return [Kind("people", "UCI digits, enlarged", OnPaper(part), PICTURES, _NOTE)]


@cache
def eight_by_eight() -> Dataset:
    """Return all 1,797 images, with a margin, ink high."""
    found = load_digits()
    images = np.rint(found.images * (255 / 16)).astype(np.uint8)
    margins = ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN))
    return Dataset(np.pad(images, margins), found.target.astype(np.int64), "UCI digits")
