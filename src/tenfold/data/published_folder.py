"""A folder with the files of a published set: reads them, and compares them with their checksums."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tenfold.data.cifar import find_cifar, read_cifar
from tenfold.data.class_labels import datasets_of
from tenfold.data.corpus import Corpus
from tenfold.data.dataset import Dataset
from tenfold.data.idx import idx_sha256, read_idx_images, read_idx_labels
from tenfold.data.idx_layout import IdxFiles, find_idx
from tenfold.data.published import MNIST, PUBLISHED, PublishedFile, PublishedSet
from tenfold.errors import DataError
from tenfold.files import read_bounded, shown

SUMS = "SHA256SUMS"
"""Checksums of what was unpacked from a verified archive, in the format of ``sha256sum``."""
_MOST_SUMS = 1 << 16  # bytes
_MOST_BYTES = 1 << 30  # of one file

Pair = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]


def read_idx_set(files: IdxFiles, name: str, one: PublishedSet | None = None) -> tuple[Dataset, Dataset]:
    """Read training and test set from four IDX files; those of a published set become upright, from class 0.

    Raises
    ------
    DataError
        If a file is missing or damaged, or images and labels differ in number.
    """
    return idx_sets(files, read_pairs(files), name, one)


def read_pairs(files: IdxFiles) -> tuple[Pair, Pair]:
    """Read images, which become upright, and labels, as they are, of the training and the test set.

    Raises
    ------
    DataError
        As `read_idx_set`.
    """
    paths = [path for path in files.paths if path is not None]
    pairs = [_pair(paths[0], paths[1]), _pair(paths[2], paths[3])]
    if files.prefix.startswith("emnist-"):
        pairs = [(np.ascontiguousarray(images.swapaxes(1, 2)), labels) for images, labels in pairs]
    for images, _ in pairs:
        images.setflags(write=False)
    return pairs[0], pairs[1]


def idx_sets(
    files: IdxFiles, pairs: tuple[Pair, Pair], name: str, one: PublishedSet | None = None
) -> tuple[Dataset, Dataset]:
    """Return what was read as data sets, which share the images; of a published set, from class 0."""
    one = one or files.published
    (images, labels), (test_images, test_labels) = pairs
    if one is not None:
        labels, test_labels = labels - one.first_label, test_labels - one.first_label
        test_images, test_labels = test_images[one.skip_test :], test_labels[one.skip_test :]
    names = () if one is None else one.class_names
    parts = [(images, labels), (test_images, test_labels)]
    train, test = datasets_of(parts, name, shown(files.folder), names)
    return train, test


def _pair(images_path: Path, labels_path: Path) -> Pair:
    images, labels = read_idx_images(images_path), read_idx_labels(labels_path)
    if len(images) != len(labels):
        raise DataError(
            f"{shown(labels_path)}: expected {len(images)} labels, one for each image of "
            f"{images_path.name}, found {len(labels)}; use files of the same data set"
        )
    return images, labels


def find_published(folder: Path, one: PublishedSet) -> IdxFiles | Path | None:
    """Return the files of a published set in a folder; None if they are not all there."""
    if not folder.is_dir():
        return None
    if one.name == "cifar10":
        return find_cifar(folder)
    found = [files for files in find_idx(folder) if files.prefix == one.prefix and files.complete]
    found.sort(key=lambda files: files.folder.parent.name != one.torchvision)  # in a root with several sets
    return found[0] if found else None


def read_published(found: IdxFiles | Path, one: PublishedSet) -> Corpus:
    """Read what `find_published` found; only if the checksums are right, it gets the name of the set.

    Raises
    ------
    DataError
        If a file is damaged, or the number of images differs from that of the set.
    """
    folder = found.folder if isinstance(found, IdxFiles) else found
    if isinstance(found, IdxFiles):
        train, test = read_idx_set(found, one.name, one)
    else:
        train, test = read_cifar(found, one.name)
    if one.name != MNIST and (len(train), len(test)) != one.sizes:
        raise DataError(
            f"{shown(folder)}: expected the {one.sizes[0]:,} and {one.sizes[1]:,} images of {one.name}, "
            f"found {len(train):,} and {len(test):,}; give the folder itself to use them as they are"
        )
    return corpus_of(train, test, folder, one if is_published(one, folder, train, test) else None, one.name)


def corpus_of(
    train: Dataset, test: Dataset, folder: Path, verified: PublishedSet | None, chosen: str = ""
) -> Corpus:
    """Name a corpus from a folder; only files with the right checksums give the name of a published set."""
    origin = f"{shown(folder)}:{chosen}" if chosen and chosen != MNIST else shown(folder)
    if verified is not None:
        return renamed(train, test, verified.name, origin)
    return renamed(train, test, free_name(train), origin)


def free_name(train: Dataset) -> str:
    """Return the name of a data set, with its checksum if the name is that of a published set."""
    return f"{train.name}-{train.sha256[:8]}" if train.name in (*PUBLISHED, "mnist-5k") else train.name


def renamed(train: Dataset, test: Dataset, name: str, origin: str) -> Corpus:
    """Return a corpus of two data sets under another name."""
    return Corpus(name, replace(train, name=name), replace(test, name=name), origin=origin)


def is_published(one: PublishedSet, folder: Path, train: Dataset, test: Dataset) -> bool:
    """Return whether the files in a folder are those that were published, by their checksums."""
    if one.name == MNIST:
        return file_hashes(train, test) == tuple(file.checksum for file in one.files)
    return all(found == expected for _, expected, found in checksums(one, folder))


def checksums(one: PublishedSet, folder: Path) -> list[tuple[str, str, str | None]]:
    """Return each file of a set with its expected checksum and the one found in a folder; None without the
    file.

    The checksums of files from an archive are those that were written when the archive had been checked;
    without them "unknown" is expected.
    """
    if not one.members:
        return [(file.name, file.checksum, _hash(folder / file.name, file)) for file in one.files]
    [archive], sums = one.files, _sums(folder)
    names = [member.rpartition("/")[2] for member in one.members]
    files = [name for name in names if name.startswith(one.prefix)]
    return [(name, sums.get(name, "unknown"), _hash(folder / name, archive)) for name in files]


def _hash(path: Path, file: PublishedFile) -> str | None:
    """Return the checksum of a path by a file's algorithm; None if it cannot be read or is too large."""
    try:
        return file.hash(read_bounded(path, max(file.most, _MOST_BYTES), DataError))
    except DataError:
        return None


def matches(path: Path, file: PublishedFile) -> bool:
    """Return whether a path is this published file, by its size and checksum."""
    try:
        data = read_bounded(path, file.most, DataError)
    except DataError:  # missing, too large or not a regular file
        return False
    return file.size in (None, len(data)) and file.hash(data) == file.checksum


def identified(files: IdxFiles, train: Dataset, test: Dataset) -> PublishedSet | None:
    """Return the published set that a folder of IDX files holds, by its checksums; None if none of them."""
    candidates = [one for one in PUBLISHED.values() if one.prefix == files.prefix and one.name != "cifar10"]
    for one in candidates:
        if (len(train), len(test)) == one.sizes and is_published(one, files.folder, train, test):
            return one
    return None


def file_hashes(train: Dataset, test: Dataset) -> tuple[str, ...]:
    """Return the SHA-256 of the four IDX files of these data sets, in the order of MNIST's files."""
    return tuple(
        idx_sha256(array)
        for part in (train, test)
        for array in (part.images, part.labels.astype(np.uint8 if part.classes <= 256 else ">i4"))
    )


def is_mnist(train: Dataset, test: Dataset) -> bool:
    """Return whether these are exactly the 60,000 and 10,000 images of MNIST."""
    if (train.images.ndim, train.classes) != (3, 10):
        return False
    return file_hashes(train, test) == tuple(file.checksum for file in PUBLISHED[MNIST].files)


def write_sums(files: dict[str, bytes]) -> bytes:
    """Return the text of `SUMS` for some files."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    return "".join(lines).encode()


def _sums(folder: Path) -> dict[str, str]:
    """Return the checksums by file that `write_sums` wrote; empty if there are none."""
    try:
        text = read_bounded(folder / SUMS, _MOST_SUMS, DataError).decode("ascii", "replace")
    except DataError:
        return {}
    rows = [line.split() for line in text.splitlines()]
    return {row[1]: row[0] for row in rows if len(row) == 2}
