"""Images as comma-separated values, as Kaggle, pandas, OpenML and spreadsheets write them.

One line for each image: its pixels in row-major order, and a label in any column.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from tenfold.data.class_labels import class_numbers, datasets_of
from tenfold.data.csv_columns import Columns, columns_of
from tenfold.data.csv_numbers import Labels, Rows, parse
from tenfold.data.csv_text import open_text, plain, separator_of, whole_lines
from tenfold.data.dataset import Dataset
from tenfold.data.pixel_values import from_floats
from tenfold.errors import DataError
from tenfold.files import open_regular, shown

ENDINGS = tuple(one + packed for one in (".csv", ".tsv") for packed in ("", ".gz", ".zip"))
_HEADERS = (
    b"label",
    b"pixe",
    b'"lab',
    b'"pix',
    b"\xef\xbb\xbf",
)  # first bytes of such a file without an ending
_LOOKED_AT = 100  # lines that decide what the columns hold


@dataclass(frozen=True)
class ImageTable:
    """What a CSV file holds.

    Parameters
    ----------
    images : uint8 array (n, h, w)
    labels : int64 or bytes array (n,), or None
        Numbers, or names; None if the file has none.
    columns : Columns
    """

    images: npt.NDArray[np.uint8]
    labels: Labels | None
    columns: Columns


def read_image_csv(
    path: str | os.PathLike[str], label_column: str = "", notify: Callable[[str], None] | None = None
) -> ImageTable:
    """Read a CSV file of images.

    Parameters
    ----------
    path : path
        Plain, gzipped, or alone in a ZIP archive. Values are 0-255, or fractions of 0 to 1. With a header or
        without; a square number of pixels, or columns named ``1x1``, ``1x2``, ... (row x column).
    label_column : str
        Name of the column of labels, ``"first"`` or ``"last"``. By default it is ``label``, ``class``,
        ``target`` or the only column that is not named like a pixel; without a header the first or the last
        column, if only one of them can be labels.
    notify : callable, optional
        Called with one line that the user should see.

    Raises
    ------
    DataError
        If the file is invalid; the message names the first bad line and column.
    """
    name = shown(path)
    with open_text(path) as stream:
        blocks = whole_lines(stream, name)
        first = next(blocks, b"")
        separator = separator_of(first.partition(b"\n")[0])
        columns = _columns(plain(first, separator), label_column, name)
        found = list(_rows(chain([first], blocks), separator, columns, name))
    if not found:
        raise DataError(
            f"{name}: expected at least one line of values, found only the header; download the whole file"
        )
    if columns.aside and notify is not None:
        names = (shown(columns.names[i])[:60] or f"column {i + 1}" for i in columns.aside[:5])
        notify(f"{name}: left aside, as neither label nor pixel: {', '.join(names)}")
    pixels = _joined([rows.pixels for rows in found], name)
    labels = None if columns.label is None else _joined_labels([rows.labels for rows in found])
    return ImageTable(pixels.reshape(-1, *columns.shape), labels, columns)


def read_digit_csv(
    path: str | os.PathLike[str], label_column: str = ""
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64] | None]:
    """Read a CSV file of images whose labels are numbers, as Kaggle's digit-recognizer.

    Parameters
    ----------
    path, label_column
        As `read_image_csv`.

    Returns
    -------
    images : uint8 array (n, h, w)
    labels : int64 array (n,) or None
        Numbers of classes; None if the file has no labels.

    Raises
    ------
    DataError
        As `read_image_csv`.
    """
    table = read_image_csv(path, label_column)
    if table.labels is None:
        return table.images, None
    [labels], _ = class_numbers([table.labels], shown(path))
    return table.images, labels


def labelled_csv(
    path: str | os.PathLike[str], label_column: str, name: str, notify: Callable[[str], None]
) -> Dataset:
    """Read a CSV file of images with labels as a data set.

    Raises
    ------
    DataError
        If it has no labels, or as `read_image_csv`.
    """
    table = read_image_csv(path, label_column, notify)
    if table.labels is None:
        pixels = table.images[0].size
        raise DataError(
            f"{shown(path)}: expected a column of labels and {pixels} pixels, found the pixels alone; "
            "give the training file, or predict these images"
        )
    table.images.setflags(write=False)
    return datasets_of([(table.images, table.labels)], name, shown(path))[0]


def has_labels(path: str | os.PathLike[str]) -> bool:
    """Return whether a CSV file has a column of labels, according to its first lines.

    Raises
    ------
    DataError
        If the file cannot be opened or has other columns.
    """
    name = shown(path)
    with open_text(path) as stream:
        first = next(whole_lines(stream, name), b"")
    return _columns(plain(first, separator_of(first.partition(b"\n")[0])), "", name).label is not None


def is_digit_csv(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is a CSV file of images, according to its name or its first bytes.

    False for a file that cannot be opened; reading it raises the error.
    """
    if os.fspath(path).lower().endswith(ENDINGS):
        return True
    try:
        with open_regular(path, DataError) as stream:
            return stream.read(8).startswith(_HEADERS)
    except DataError:
        return False


def _columns(block: bytes, label_column: str, name: str) -> Columns:
    """Return what the columns hold, from the first lines of a block."""
    lines = block.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]
    texts = [line.decode("utf-8", "replace").split(",") for line in lines if line]
    if not block or not lines[0]:
        raise DataError(f"{name}: expected a header, found an empty first line; download the whole file")
    return columns_of(texts, label_column, name)


def _rows(blocks: Iterator[bytes], separator: bytes, columns: Columns, name: str) -> Iterator[Rows]:
    """Parse the blocks of a file, without its header."""
    line = 1
    for block in blocks:
        text = plain(block, separator)
        if line == 1 and columns.header:
            text, line = text.partition(b"\n")[2], 2
        if text:
            rows = parse(text, columns, name, line)
            yield rows
            line += len(rows.pixels)


def _joined(parts: list[npt.NDArray[np.uint8] | npt.NDArray[np.float32]], name: str) -> npt.NDArray[np.uint8]:
    """Return the pixels of all blocks as 0-255; fractions of 0 to 1 are scaled."""
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if whole.dtype == np.uint8 and whole.max(initial=0) > 1:
        return np.ascontiguousarray(whole, np.uint8)
    return from_floats(whole, name)


def _joined_labels(parts: list[Labels | None]) -> Labels:
    """Return the labels of all blocks; as text if those of one block are."""
    given = [part for part in parts if part is not None]
    if any(part.dtype.kind == "S" for part in given):
        return np.concatenate([part.astype(np.bytes_) for part in given])
    return np.concatenate([part.astype(np.int64, copy=False) for part in given])
