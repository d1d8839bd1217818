"""A data set as a notebook shows it: the first image of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.pages.cells import cell, pictures

_MOST = 26  # classes


def dataset_cell(
    images: NDArray[np.uint8], labels: NDArray[np.int64], names: Sequence[str], title: str
) -> str:
    """Return a strip with the first image of each class that has one, with name and number of its images."""
    found: tuple[NDArray[Any], ...] = np.unique(labels, return_index=True, return_counts=True)
    classes, first, counts = (array[:_MOST] for array in found)
    captions = [f"{names[k]}: {n:,}" for k, n in zip(classes.tolist(), counts.tolist(), strict=True)]
    return cell(title, pictures(images[first], captions))
