"""The image sets that `load_corpus` knows by name: their files, checksums, mirrors and classes.

This one table decides what is downloaded, what `tenfold data` verifies, and what a set's classes are called.
Each set names the source of its checksums. MNIST's are computed here, of the uncompressed bytes, because its
mirrors compress the files differently; the others are copied, and are of the files as they are published.

References
----------
Licences and citations of all sets are in ``docs/own-data.md``.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass

MNIST = "mnist"  # the name that is reserved for these files
_SPARE = 1 << 20  # bytes that gzip may add to a file
_MOST = 64 << 20  # bytes of a file whose size is not published; the largest such has 10 MB


@dataclass(frozen=True)
class PublishedFile:
    """One file as its authors publish it.

    Parameters
    ----------
    name : str
        As it is stored in the cache.
    size : int or None
        Bytes that the checksum is about; None if it is not published.
    checksum : str
        In hexadecimal: SHA-256 (64 digits), or MD5 (32 digits) where nothing better is published.
    unpack : bool
        Whether mirrors send it gzipped, and size and checksum are those of the uncompressed bytes.
    """

    name: str
    size: int | None
    checksum: str
    unpack: bool = False

    @property
    def most(self) -> int:
        """Bytes that a mirror may send at most."""
        return _MOST if self.size is None else self.size + _SPARE

    @property
    def algorithm(self) -> str:
        """Name of the checksum's algorithm, in words."""
        return "SHA-256" if len(self.checksum) == 64 else "MD5"

    def hash(self, data: bytes | bytearray) -> str:
        """Return the checksum of some bytes, in hexadecimal."""
        if self.algorithm == "SHA-256":
            return hashlib.sha256(data).hexdigest()
        return hashlib.md5(data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class PublishedSet:
    """An image set with its files.

    Parameters
    ----------
    name : str
        For ``--data`` and `load_corpus`.
    sizes : (int, int)
        Images for training and for testing.
    files : tuple of PublishedFile
        To download.
    mirrors : tuple of str
        Each ends in ``/``.
    checksums_from : str
        Who publishes the checksums.
    licence, home : str
        For the table in the documentation.
    class_names : tuple of str
        Empty for digits.
    prefix : str
        Of the names of its IDX files: ``"emnist-letters-"``, else empty.
    folder : str
        Its folder in the cache; sets that share files share it.
    torchvision : str
        Its folder in a root of torchvision.
    members : tuple of str
        What is unpacked from a downloaded archive; empty if the files are not archives.
    transposed : bool
        Whether the files hold the images with rows and columns exchanged.
    first_label : int
        The label of the first class in the files.
    skip_test : int
        How many test images are left out at the beginning.
    """

    name: str
    sizes: tuple[int, int]
    files: tuple[PublishedFile, ...]
    mirrors: tuple[str, ...]
    checksums_from: str
    licence: str
    home: str
    class_names: tuple[str, ...] = ()
    prefix: str = ""
    folder: str = ""
    torchvision: str = ""
    members: tuple[str, ...] = ()
    transposed: bool = False
    first_label: int = 0
    skip_test: int = 0

    @property
    def cache_name(self) -> str:
        """Name of its folder in the cache."""
        return self.folder or self.name


_IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _four(*published: tuple[int, str]) -> tuple[PublishedFile, ...]:
    """The four gzipped files with MNIST's names: sizes and checksums in the order of `_IDX_NAMES`."""
    return tuple(
        PublishedFile(f"{name}.gz", size, checksum)
        for name, (size, checksum) in zip(_IDX_NAMES, published, strict=True)
    )


# SHA-256 of the uncompressed bytes, sizes.
MNIST_FILES = tuple(
    PublishedFile(name, size, checksum, unpack=True)
    for name, (size, checksum) in zip(
        _IDX_NAMES,
        (
            (47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            (60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            (7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            (10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        ),
        strict=True,
    )
)
# The PyTorch project's bucket, that of the Common Visual Data Foundation
# (https://github.com/cvdfoundation/mnist), Apache SystemDS, and https://github.com/fgnt/mnist of Paderborn
# University.
MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://systemds.apache.org/assets/datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

_QMNIST_FILES = (
    PublishedFile("qmnist-train-images-idx3-ubyte.gz", None, "ed72d4157d28c017586c42bc6afe6370"),
    PublishedFile("qmnist-train-labels-idx2-int.gz", None, "0058f8dd561b90ffdd0f734c6a30e5e4"),
    PublishedFile("qmnist-test-images-idx3-ubyte.gz", None, "1394631089c404de565df7b7aeaf9412"),
    PublishedFile("qmnist-test-labels-idx2-int.gz", None, "5b5b05890a5e13444e108efe57b788aa"),
)


def _qmnist(name: str, test: int, skip: int) -> PublishedSet:
    return PublishedSet(
        name,
        (60_000, test),
        _QMNIST_FILES,
        ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
        checksums_from="torchvision, torchvision/datasets/mnist.py",
        licence="BSD 3-Clause",
        home="https://github.com/facebookresearch/qmnist",
        prefix="qmnist-",
        folder="qmnist",
        torchvision="QMNIST",
        skip_test=skip,
    )


# The authors publish no checksums of the single files, so the archive of all splits is downloaded and
# checked.
_EMNIST_FILES = (
    PublishedFile(
        "gzip.zip", 561_753_746, "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
    ),
)
_EMNIST_SPLITS = ("digits", "letters", "balanced")
_BALANCED = string.digits + string.ascii_uppercase + "abdefghnqrt"


def _emnist(split: str, sizes: tuple[int, int], names: str = "", first_label: int = 0) -> PublishedSet:
    return PublishedSet(
        f"emnist-{split}",
        sizes,
        _EMNIST_FILES,
        (
            "https://biometrics.nist.gov/cs_links/EMNIST/",
            "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
        ),
        checksums_from="TensorFlow Datasets, tensorflow_datasets/url_checksums/emnist.txt",
        licence="not stated; made from NIST Special Database 19",
        home="https://www.nist.gov/itl/products-and-services/emnist-dataset",
        class_names=tuple(names),
        prefix=f"emnist-{split}-",
        folder="emnist",
        torchvision="EMNIST",
        members=tuple(
            f"gzip/emnist-{one}-{part}-{kind}-ubyte.gz"
            for one in _EMNIST_SPLITS
            for part in ("train", "test")
            for kind in ("images-idx3", "labels-idx1")
        ),
        transposed=True,
        first_label=first_label,
    )


PUBLISHED = {
    one.name: one
    for one in (
        PublishedSet(
            MNIST,
            (60_000, 10_000),
            MNIST_FILES,
            MNIST_MIRRORS,
            checksums_from="this project, of the uncompressed files",
            licence="CC BY-SA 3.0",
            home="http://yann.lecun.com/exdb/mnist/",
            torchvision="MNIST",
        ),
        PublishedSet(
            "fashion-mnist",
            (60_000, 10_000),
            _four(
                (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
            ),
            (
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            ),
            checksums_from="TensorFlow Datasets, tensorflow_datasets/url_checksums/fashion_mnist.txt",
            licence="MIT",
            home="https://github.com/zalandoresearch/fashion-mnist",
            class_names=(
                "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
            ),
            torchvision="FashionMNIST",
        ),
        PublishedSet(
            "kmnist",
            (60_000, 10_000),
            _four(
                (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
                (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
                (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
                (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
            ),
            ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
            checksums_from="TensorFlow Datasets, tensorflow_datasets/url_checksums/kmnist.txt",
            licence="CC BY-SA 4.0",
            home="https://github.com/rois-codh/kmnist",
            class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
            torchvision="KMNIST",
        ),
        _qmnist("qmnist", 60_000, skip=0),
        _qmnist("qmnist-50k", 50_000, skip=10_000),
        _emnist("digits", (240_000, 40_000)),
        _emnist("letters", (124_800, 20_800), string.ascii_uppercase, first_label=1),
        _emnist("balanced", (112_800, 18_800), _BALANCED),
        PublishedSet(
            "cifar10",
            (50_000, 10_000),
            (
                PublishedFile(
                    "cifar-10-binary.tar.gz",
                    170_052_171,
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                ),
            ),
            ("https://www.cs.toronto.edu/~kriz/",),
            checksums_from="TensorFlow Datasets, tensorflow_datasets/url_checksums/cifar10.txt",
            licence="none stated",
            home="https://www.cs.toronto.edu/~kriz/cifar.html",
            class_names=(
                "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
            ),
            members=tuple(
                f"cifar-10-batches-bin/{name}.bin"
                for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
            ),
        ),
    )
}  # fmt: skip
