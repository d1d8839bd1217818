"""The binary version of CIFAR-10: six files of records, each a label and 32 x 32 pixels in three planes.

References
----------
A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; the format is described at
https://www.cs.toronto.edu/~kriz/cifar.html, section "Binary version".
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tenfold.data.dataset import Dataset
from tenfold.data.published import PUBLISHED
from tenfold.errors import DataError
from tenfold.files import read_bounded, shown

CIFAR10 = PUBLISHED["cifar10"]
_SIDE, _CHANNELS = 32, 3
_RECORD = 1 + _CHANNELS * _SIDE * _SIDE  # bytes: a label and the pixels
_MOST = 10_000 * _RECORD
_FILES = [member.rpartition("/")[2] for member in CIFAR10.members]  # training batches, then the test batch
_BELOW = ("", "cifar-10-batches-bin")
PICKLED = ("data_batch_1", "cifar-10-batches-py/data_batch_1")
"""The first file of the version for Python, which is a pickle."""


def find_cifar(folder: Path) -> Path | None:
    """Return the folder with the binary files: this one or the one inside; None if there is neither."""
    return next((folder / below for below in _BELOW if (folder / below / _FILES[0]).is_file()), None)


def read_cifar(folder: Path, name: str) -> tuple[Dataset, Dataset]:
    """Read training and test set from the folder of the six files.

    Returns
    -------
    train, test : Dataset
        Images of (32, 32, 3).

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    batches = [_batch(folder / file, name) for file in _FILES]
    *train, test = batches
    images = np.concatenate([batch.images for batch in train])
    images.setflags(write=False)
    return test.like(images, np.concatenate([batch.labels for batch in train])), test


def _batch(path: Path, name: str) -> Dataset:
    data = np.frombuffer(read_bounded(path, _MOST, DataError), np.uint8)
    if data.size == 0 or data.size % _RECORD:
        raise DataError(
            f"{shown(path)}: expected records of {_RECORD} bytes, found {data.size} bytes; download it again"
        )
    records = data.reshape(-1, _RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() >= len(CIFAR10.class_names):
        raise DataError(f"{shown(path)}: expected labels 0-9, found {labels.max()}; download it again")
    planes = records[:, 1:].reshape(-1, _CHANNELS, _SIDE, _SIDE)  # (n, c, h, w)
    images = np.ascontiguousarray(np.moveaxis(planes, 1, 3))  # (n, h, w, c)
    return Dataset(images, labels, name, class_names=CIFAR10.class_names)
