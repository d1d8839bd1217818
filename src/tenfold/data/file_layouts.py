"""The layouts of single files with image data; how each is recognised, and read or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from tenfold.data.array_files import array_pairs, data_sets, read_npy, read_npz, read_only_array
from tenfold.data.corpus import Corpus
from tenfold.data.csv_text import ZIP_MAGIC
from tenfold.data.gzip_reader import GZIP_MAGIC
from tenfold.data.image_csv import is_digit_csv, labelled_csv
from tenfold.data.layout import Fit, Layout, Source, corpus_from, own_split, whole
from tenfold.data.parquet import PARQUET_MAGIC, read_parquet
from tenfold.errors import DataError
from tenfold.files import open_regular, shown


def _start(path: Path) -> bytes:
    with open_regular(path, DataError) as stream:
        return stream.read(8)


def _read_csv(source: Source) -> Corpus:
    return own_split(labelled_csv(source.path, source.part, source.name, source.notify), source)


def _read_npz(source: Source) -> Corpus:
    return corpus_from(read_npz(source.path, source.part, source.name), source)


def _read_npy(source: Source) -> Corpus:
    """Read images from one file and labels from the file beside it."""
    pairs = [pair for pair in array_pairs(source.path.parent) if pair[0] == source.path.name]
    if not pairs:
        raise DataError(
            f"{shown(source.path)}: expected a file of labels next to it, found none; "
            "name the two x.npy and y.npy, or images.npy and labels.npy"
        )
    arrays = [(read_npy(source.path), read_only_array(source.path.parent / pairs[0][1]))]
    return corpus_from(data_sets(arrays, source.name, shown(source.path)), source)


def _read_one_parquet(source: Source) -> Corpus:
    return corpus_from(read_parquet([[source.path]], source.part, source.name, source.notify), source)


def _refusal(words: str) -> Callable[[Source], NoReturn]:
    """Return a reader that refuses, and says what to give instead."""

    def refuse(source: Source) -> NoReturn:
        raise DataError(f"{shown(source.path)}: {words}")

    return refuse


def _ends(*endings: str) -> Callable[[Path], Fit]:
    return lambda path: whole(path.name.lower().endswith(endings))


def _starts(*starts: bytes) -> Callable[[Path], Fit]:
    return lambda path: whole(_start(path).startswith(starts))


FILES = (
    Layout(".csv (also .gz or .zip)", lambda path: whole(is_digit_csv(path)), _read_csv),
    Layout(".npz", _ends(".npz"), _read_npz),
    Layout(".npy", _starts(b"\x93NUMPY"), _read_npy),
    Layout(".parquet", _starts(PARQUET_MAGIC), _read_one_parquet),
    Layout(
        "",
        _ends(".pkl", ".pickle", ".pkl.gz", ".pkl.bz2", ".pt", ".pth", ".joblib"),
        _refusal(
            "expected data, found a pickle: loading it could run any program, so it is never loaded; "
            "load it where you trust it, and save its arrays with numpy.savez(file, x_train=..., "
            "y_train=..., ...)"
        ),
    ),
    Layout(
        "",
        _ends(".mat", ".h5", ".hdf5"),
        _refusal(
            "expected .npz, .csv or .parquet, found another container; load it with its own library, and "
            "save its "
            "arrays with numpy.savez(file, x_train=..., y_train=..., ...)"
        ),
    ),
    Layout(
        "",
        _ends(".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar"),
        _refusal("expected a folder or a file of images, found an archive; unpack it and give its folder"),
    ),
    Layout(
        "",
        _starts(GZIP_MAGIC, b"\0\0\x08"),
        _refusal("expected a folder with all four IDX files, found one file; give its folder"),
    ),
    Layout(
        "",
        _starts(b"\x89PNG", b"\xff\xd8\xff"),
        _refusal(
            "expected a folder with a subfolder of pictures for each class, found one picture; "
            "sort pictures by class, or use predict for this one"
        ),
    ),
    Layout(
        "",
        _starts(ZIP_MAGIC),
        _refusal("expected a folder or a file of images, found an archive; unpack it and give its folder"),
    ),
)
