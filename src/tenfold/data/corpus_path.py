"""Reads a corpus from a path; the content decides its format, not the name."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tenfold.data import mnist_files
from tenfold.data.dataset import Corpus, Dataset
from tenfold.data.digit_csv import HEADERS, has_labels, read_digit_csv
from tenfold.data.idx_folder import find_idx, read_idx_folder
from tenfold.data.mnist_files import MNIST
from tenfold.data.picture_folder import has_digits, read_picture_folder
from tenfold.data.sample import SAMPLE
from tenfold.data.splits import split
from tenfold.errors import DataError
from tenfold.files import open_regular, reading_folder, shown

OWN_SEED = 0  # splits a source without a test set
OWN_TEST = 1 / 7  # fraction of the test set, as in MNIST: 10,000 of 70,000
_HALVES = (("train", "test"), ("training", "testing"))
_CSV_HALVES = (("mnist_train.csv", "mnist_test.csv"), ("train.csv", "test.csv"))

Notify = Callable[[str], None]


def read_path(path: Path, notify: Notify) -> Corpus:
    """Read a corpus from a folder or file.

    Parameters
    ----------
    path : Path
        A CSV file, or a folder of IDX files, Kaggle's CSV files or pictures sorted by digit.
    notify : callable
        Called with one line that the user should see.

    Returns
    -------
    Corpus
        Named after the path, or ``mnist`` if it is MNIST.

    Raises
    ------
    DataError
        If it is none of these, or a file is damaged.
    """
    with reading_folder(path, DataError):
        if path.is_dir():
            return _from_folder(path, notify)
    _refuse_misspelt(path)
    return _from_file(path)


def _refuse_misspelt(path: Path) -> None:
    """Suggest the right name if the path does not exist and resembles the name of a corpus."""
    near = difflib.get_close_matches(str(path).lower(), (MNIST, SAMPLE), n=1)
    if near and not os.path.lexists(path):
        raise DataError(
            f"{shown(path)}: expected an existing path, {MNIST} or {SAMPLE}, found no such file; "
            f"did you mean {near[0]}?"
        )


def _from_folder(folder: Path, notify: Notify) -> Corpus:
    name = corpus_name(folder.resolve().name)
    if any(find_idx(folder)):
        train, test = read_idx_folder(folder, name)
        return _named(train, test, folder)
    for first, second in _CSV_HALVES:
        if (folder / first).exists():
            return _from_csvs(folder / first, folder / second, name, notify)
    for first, second in _HALVES:
        if has_digits(folder / first) and has_digits(folder / second):
            parts = [read_picture_folder(folder / half, name, notify) for half in (first, second)]
            return _named(parts[0], parts[1], folder)
    if has_digits(folder):
        return _own_split(read_picture_folder(folder, name, notify), folder)
    listed = sorted(shown(entry.name) for entry in folder.iterdir())
    found = ", ".join(listed[:5]) + (", ..." if len(listed) > 5 else "") if listed else "an empty folder"
    raise DataError(
        f"{shown(folder)}: expected IDX files (train-images-idx3-ubyte, ...), train.csv or pictures "
        f"in 0/ to 9/, found {found}; give a folder with one of these"
    )


def _from_file(path: Path) -> Corpus:
    """Read a CSV file; for other files the error says what to give instead."""
    if path.suffix.lower() == ".csv":
        return _own_split(_labelled(path, corpus_name(path.stem)), path)
    with open_regular(path, DataError) as stream:
        start = stream.read(4)
    if start.startswith((b"\x1f\x8b", b"\0\0\x08")):
        raise DataError(
            f"{shown(path)}: expected a folder with all four IDX files, found one file; give its folder"
        )
    if start.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise DataError(
            f"{shown(path)}: expected a folder with pictures in 0/ to 9/, found one picture; "
            "sort pictures by digit, or use predict for this one"
        )
    if start.startswith(HEADERS):
        return _own_split(_labelled(path, corpus_name(path.stem)), path)
    raise DataError(
        f"{shown(path)}: expected a folder or a CSV file of digits, found neither; "
        "give a folder of IDX files, a .csv or a folder of pictures sorted by digit"
    )


def _from_csvs(train_path: Path, test_path: Path, name: str, notify: Notify) -> Corpus:
    """Read the training set and the test set; a test set without labels (Kaggle's) is replaced by a split."""
    train, folder = _labelled(train_path, name), train_path.parent
    if test_path.exists() and has_labels(test_path):
        return _named(train, _labelled(test_path, name), folder)
    corpus = replace(_own_split(train, train_path), origin=shown(folder))
    if not test_path.exists():
        return corpus
    notify(
        f"{shown(folder)}: {train_path.name} has labels: {len(corpus.train):,} images for training, "
        f"{len(corpus.test):,} held out for testing; {test_path.name} has none: its images can be "
        "predicted, but their accuracy is unknown"
    )
    return replace(corpus, unlabelled=str(test_path))


def _labelled(path: Path, name: str) -> Dataset:
    images, labels = read_digit_csv(path)
    if labels is None:
        raise DataError(
            f"{shown(path)}: expected 785 columns with labels, found 784 without; give the training file"
        )
    return Dataset(images, labels, name)


def _own_split(whole: Dataset, path: Path) -> Corpus:
    """Split a data set into training and test set: seeded and stratified."""
    test_size = round(len(whole) * OWN_TEST)
    if test_size == 0:
        raise DataError(f"{shown(path)}: expected at least 4 images, found {len(whole)}; add more")
    train, test = split(whole, (len(whole) - test_size, test_size), OWN_SEED)
    return replace(_named(train, test, path), split="held-out")


def _named(train: Dataset, test: Dataset, path: Path) -> Corpus:
    """Name a corpus; only the real MNIST may be called so."""
    if mnist_files.is_mnist(train, test):
        name = MNIST
    else:
        name = train.name if train.name not in (MNIST, SAMPLE) else f"{train.name}-{train.sha256[:8]}"
    named = [replace(part, name=name) for part in (train, test)]
    return Corpus(name, named[0], named[1], origin=shown(path))


def corpus_name(text: str) -> str:
    """Return a name that is valid in file names and reports."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "digits"
