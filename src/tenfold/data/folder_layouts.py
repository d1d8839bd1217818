"""The layouts of folders with image data; how each is recognised by looking at the files, and read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tenfold.data.array_files import array_pairs, data_sets, read_only_array
from tenfold.data.cifar import CIFAR10, PICKLED, find_cifar, read_cifar
from tenfold.data.corpus import Corpus
from tenfold.data.dataset import Dataset
from tenfold.data.idx_layout import find_idx, one_set
from tenfold.data.image_csv import ENDINGS, has_labels, labelled_csv
from tenfold.data.layout import Fit, Layout, Source, corpus_from, own_split, whole
from tenfold.data.parquet import read_parquet
from tenfold.data.picture_folder import find_pictures, flat_pictures, read_pictures
from tenfold.data.published import PUBLISHED, PublishedSet
from tenfold.data.published_folder import (
    corpus_of,
    find_published,
    free_name,
    identified,
    idx_sets,
    is_published,
    read_pairs,
    read_published,
    renamed,
)
from tenfold.errors import DataError
from tenfold.files import shown

_CSV_HALVES = (("mnist_train", "mnist_test"), ("train", "test"), ("training", "testing"), ("train", "val"))


def _fits_idx(folder: Path) -> Fit:
    found = find_idx(folder)
    return Fit.none if not found else Fit.wholly if found[0].complete else Fit.partly


def _read_idx(source: Source) -> Corpus:
    found = find_idx(source.path)
    files = one_set(found, source.path, source.part)
    others = sorted({one.folder for one in found if one.complete and one.folder != files.folder})
    if others:
        where = ", ".join(shown(one.relative_to(source.path)) for one in others)
        source.notify(
            f"{shown(source.path)}: reading the IDX files in {shown(files.folder)}, not those in {where}"
        )
    published = PUBLISHED.get(source.part)
    if published is not None:
        return _named_set(source, published)
    pairs = read_pairs(files)
    train, test = idx_sets(files, pairs, source.name)
    known = identified(files, train, test)
    if known is None:
        return renamed(train, test, free_name(train), source.origin)
    train, test = idx_sets(files, pairs, source.name, known)
    return corpus_of(train, test, source.path, known, source.part)


def _fits_cifar(folder: Path) -> Fit:
    if find_cifar(folder):
        return Fit.wholly
    return Fit.partly if any((folder / one).is_file() for one in PICKLED) else Fit.none


def _read_cifar(source: Source) -> Corpus:
    folder = find_cifar(source.path)
    if folder is None:
        raise DataError(
            f"{shown(source.path)}: expected the binary version of CIFAR-10, found the one for Python, "
            "which is a pickle: "
            f"loading it could run any program; download cifar-10-binary.tar.gz from {CIFAR10.home} and "
            "unpack it"
        )
    if source.part == CIFAR10.name:
        return _named_set(source, PUBLISHED[CIFAR10.name])
    train, test = read_cifar(folder, source.name)
    published = PUBLISHED[CIFAR10.name]
    known = published if is_published(published, folder, train, test) else None
    return corpus_of(train, test, source.path, known)


def _named_set(source: Source, published: PublishedSet) -> Corpus:
    found = find_published(source.path, published)
    if found is None:  # one_set, or the search for CIFAR-10, has found it before
        raise DataError(
            f"{source.origin}: expected the files of {source.part}, found others; leave the name out"
        )
    return replace(read_published(found, published), origin=source.origin)


def _read_arrays(source: Source) -> Corpus:
    pairs = [tuple(read_only_array(source.path / one) for one in pair) for pair in array_pairs(source.path)]
    return corpus_from(data_sets([(x, y) for x, y in pairs], source.name, shown(source.path)), source)


def _parquet_files(folder: Path) -> list[list[Path]]:
    """Return the Parquet files of the training and the test set, as the Hugging Face hub names them."""
    for below in (folder, folder / "data"):
        names = sorted(below.glob("*.parquet"))
        train = [one for one in names if one.name.lower().startswith("train")]
        test = [one for one in names if one.name.lower().startswith("test")]
        held = [one for one in names if one.name.lower().startswith("val")]
        if train or len(names) == 1:
            return [part for part in (train or names, test or held) if part]
    return []


def _read_parquet_folder(source: Source) -> Corpus:
    found = read_parquet(_parquet_files(source.path), source.part, source.name, source.notify)
    return corpus_from(found, source)


def _csv_files(folder: Path) -> tuple[Path, Path | None] | None:
    """Return the CSV files of the training and the test set."""
    names = {name.name.lower(): name for name in folder.iterdir() if name.name.lower().endswith(ENDINGS)}
    for halves in _CSV_HALVES:
        train, test = (
            next(
                (names[half + end] for end in ENDINGS if half + end in names and names[half + end].is_file()),
                None,
            )
            for half in halves
        )
        if train is not None:
            return train, test
    return None


def _read_csvs(source: Source) -> Corpus:
    """Read the training set and the test set; a test set without labels (Kaggle's) is replaced by a split."""
    found = _csv_files(source.path)
    if found is None:  # it was recognised, so it was there
        raise DataError(f"{shown(source.path)}: expected train.csv, found nothing; try again")
    (train_path, test_path), folder = found, shown(source.path)
    train = labelled_csv(train_path, source.part, source.name, source.notify)
    if test_path is not None and has_labels(test_path):
        return corpus_from(
            [train, _alike(labelled_csv(test_path, source.part, source.name, source.notify), train)], source
        )
    corpus = own_split(train, source)
    if test_path is None:
        return corpus
    source.notify(
        f"{folder}: {train_path.name} has labels: {len(corpus.train):,} images for training, "
        f"{len(corpus.test):,} held out for testing; {test_path.name} has none: its images can be "
        "predicted, but their accuracy is unknown"
    )
    return replace(corpus, unlabelled=str(test_path))


def _alike(test: Dataset, train: Dataset) -> Dataset:
    """Return a test set with the classes of the training set."""
    if test.class_names == train.class_names:
        return test
    unknown = sorted(set(test.class_names) - set(train.class_names))
    if unknown:
        raise DataError(
            f"{test.name}: expected the classes of the training set in the test set, found "
            f"{', '.join(unknown[:5])} too; "
            "add training images of these classes, or remove them"
        )
    index = [train.class_names.index(name) for name in test.class_names]
    return train.like(test.images, np.array(index)[test.labels])


def _read_pictures(source: Source) -> Corpus:
    found = find_pictures(source.path)
    if found is None:
        names = flat_pictures(source.path)
        raise DataError(
            f"{shown(source.path)}: expected a subfolder of pictures for each class, found "
            f"{len(names):,} pictures "
            f"without subfolders ({shown(names[0])}, ...); move those of each class into a folder with "
            "its name"
        )
    return corpus_from(read_pictures(found, source.name, source.notify, source.size), source)


def _fits_pictures(folder: Path) -> Fit:
    if find_pictures(folder) is not None:
        return Fit.wholly
    return Fit.partly if flat_pictures(folder) else Fit.none


FOLDERS = (
    Layout("four IDX files (train-images-idx3-ubyte, ...)", _fits_idx, _read_idx),
    Layout("CIFAR-10's data_batch_1.bin, ...", _fits_cifar, _read_cifar),
    Layout("train.csv", lambda folder: whole(_csv_files(folder)), _read_csvs),
    Layout("x_train.npy and y_train.npy", lambda folder: whole(array_pairs(folder)), _read_arrays),
    Layout("train-*.parquet", lambda folder: whole(_parquet_files(folder)), _read_parquet_folder),
    Layout("a subfolder of pictures for each class", _fits_pictures, _read_pictures),
)
