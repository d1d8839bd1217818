"""The four files that are MNIST, by the SHA-256 of their uncompressed bytes.

The gzip wrapper differs between mirrors; what is inside does not.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", 1998.
Copyright Yann LeCun and Corinna Cortes, CC BY-SA 3.0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenfold.data.dataset import Dataset
from tenfold.data.idx import idx_sha256

MNIST = "mnist"  # the name that only these files may carry


@dataclass(frozen=True)
class MnistFile:
    """One file of MNIST: its plain name, its uncompressed size and checksum."""

    name: str
    size: int  # bytes, uncompressed
    sha256: str  # of the uncompressed bytes


MNIST_FILES = (
    MnistFile(
        "train-images-idx3-ubyte",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    MnistFile(
        "train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    MnistFile(
        "t10k-images-idx3-ubyte",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    MnistFile(
        "t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
)


def file_hashes(train: Dataset, test: Dataset) -> tuple[str, str, str, str]:
    """SHA-256 of the four plain IDX files that these data sets make, in the order of `MNIST_FILES`."""
    train_images, train_labels, test_images, test_labels = (
        idx_sha256(array) for part in (train, test) for array in (part.images, part.labels.astype(np.uint8))
    )
    return train_images, train_labels, test_images, test_labels


def is_mnist(train: Dataset, test: Dataset) -> bool:
    """Whether these are the 60,000 and 10,000 images of MNIST, bit for bit."""
    return file_hashes(train, test) == tuple(file.sha256 for file in MNIST_FILES)
