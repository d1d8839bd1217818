"""The four files of MNIST, with the SHA-256 of their uncompressed bytes, and their mirrors.

Mirrors compress the files differently, so checksums are those of the uncompressed bytes.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", 1998.
Copyright Yann LeCun and Corinna Cortes, CC BY-SA 3.0.

Each mirror holds the four files gzipped under their usual names: the PyTorch project's bucket, that of the
Common Visual Data Foundation (https://github.com/cvdfoundation/mnist), Apache SystemDS, and
https://github.com/fgnt/mnist of Paderborn University.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from tenfold.data.dataset import Dataset
from tenfold.data.idx import idx_sha256
from tenfold.errors import ConfigError

MNIST = "mnist"  # the name that is reserved for these files
MIRRORS_VARIABLE = "TENFOLD_MIRRORS"
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://systemds.apache.org/assets/datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)


@dataclass(frozen=True)
class MnistFile:
    """One file of MNIST: name without .gz, uncompressed size and checksum."""

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
    """Return the SHA-256 of the four IDX files of these data sets, in the order of `MNIST_FILES`."""
    train_images, train_labels, test_images, test_labels = (
        idx_sha256(array) for part in (train, test) for array in (part.images, part.labels.astype(np.uint8))
    )
    return train_images, train_labels, test_images, test_labels


def is_mnist(train: Dataset, test: Dataset) -> bool:
    """Return whether these are exactly the 60,000 and 10,000 images of MNIST."""
    return file_hashes(train, test) == tuple(file.sha256 for file in MNIST_FILES)


def mirrors() -> tuple[str, ...]:
    """Return the mirrors in the order to try: ``$TENFOLD_MIRRORS`` (separated by commas) or the default.

    Raises
    ------
    ConfigError
        If one of them is not an http or https URL.
    """
    chosen = [url.strip() for url in os.environ.get(MIRRORS_VARIABLE, "").split(",") if url.strip()]
    for url in chosen:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"{MIRRORS_VARIABLE}: expected http or https URLs separated by commas, found {url!r}; "
                "correct it or unset it"
            )
    return tuple(url.rstrip("/") + "/" for url in chosen) or MIRRORS
