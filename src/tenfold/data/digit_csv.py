"""Digits as comma-separated values, in the layout of Kaggle's digit-recognizer.

A header, then one line for each image: the label (if known) and 784 pixels in row-major order. NumPy parses
whole blocks (77 MB in about a second). Only an invalid block is parsed field by field, to name its first
error. `numpy.loadtxt` would accept blank lines, signs and comments, which are refused here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tenfold.data.gzip_reader import Reader
from tenfold.data.idx import SIDE
from tenfold.errors import DataError
from tenfold.files import open_regular, shown

PIXELS = SIDE * SIDE
_BLOCK = 4 << 20  # bytes
_LONGEST_LINE = 1 << 16  # bytes; 785 values of three figures take under 3,200
_FIELD = re.compile(rb"[0-9]{1,3}")
HEADERS = (b"label", b"pixe", b'"lab', b'"pix', b"\xef\xbb\xbf")
"""The first bytes of such a file; spreadsheets write a byte order mark first."""
_COMMA, _NEWLINE, _ZERO = b",\n0"

Table = npt.NDArray[np.uint8]


def read_digit_csv(
    path: str | os.PathLike[str],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64] | None]:
    """Read a CSV file of digits.

    Parameters
    ----------
    path : path
        785 columns, the first named ``label``, or 784 without it.

    Returns
    -------
    images : uint8 array (n, 28, 28)
    labels : int64 array (n,) or None
        None if the file has 784 columns.

    Raises
    ------
    DataError
        If the file is invalid; the message names the first bad line and column.
    """
    name = shown(path)
    with open_regular(path, DataError) as stream:
        header = _header(stream.readline(_LONGEST_LINE), name)
        labelled = len(header) == PIXELS + 1
        tables = list(parse_table(stream, header, name, label=0 if labelled else None, first_line=2))
    if not tables:
        raise DataError(
            f"{name}: expected at least one line of values, found only the header; download the whole file"
        )
    table = np.concatenate(tables)  # (n, 784 or 785)
    images = np.ascontiguousarray(table[:, -PIXELS:]).reshape(-1, SIDE, SIDE)
    return images, table[:, 0].astype(np.int64) if labelled else None


def has_labels(path: str | os.PathLike[str]) -> bool:
    """Return whether a CSV file of digits has labels, according to its header.

    Raises
    ------
    DataError
        If the file cannot be opened or has another header.
    """
    with open_regular(path, DataError) as stream:
        return len(_header(stream.readline(_LONGEST_LINE), shown(path))) == PIXELS + 1


def is_digit_csv(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is a CSV file of digits, according to its name or its first bytes.

    False for a file that cannot be opened; reading it raises the error.
    """
    if os.fspath(path).lower().endswith(".csv"):
        return True
    try:
        with open_regular(path, DataError) as stream:
            return stream.read(8).startswith(HEADERS)
    except DataError:
        return False


def parse_table(
    stream: Reader, columns: list[str], name: str, label: int | None, first_line: int
) -> Iterator[Table]:
    """Parse a stream of lines, block by block.

    Parameters
    ----------
    stream : Reader
        Lines of whole numbers 0-255, separated by commas.
    columns : list of str
        Names of the columns; each line must have as many values.
    name : str
        Name of the file, for errors.
    label : int or None
        Index of the column with labels 0-9.
    first_line : int
        The number of the stream's first line, for errors.

    Yields
    ------
    uint8 array (rows, columns)
    """
    line = first_line
    for block in _whole_lines(stream, name, line):
        table = _numbers(block, len(columns))
        if table is None or (label is not None and table[:, label].max() > 9):
            raise _first_error(block, columns, name, label, line)
        yield table
        line += len(table)


def _header(line: bytes, name: str) -> list[str]:
    """Return the column names: 784 pixels, with or without a label before them."""
    text = line.removeprefix(b"\xef\xbb\xbf").strip().decode("utf-8", "replace")
    names = [column.strip().strip('"') for column in text.split(",")]
    if not text:
        raise DataError(f"{name}: expected a header, found an empty first line; download the whole file")
    if all(column.isdigit() for column in names):
        raise DataError(
            f"{name}: line 1: expected a header 'label,pixel0,...', found numbers; add a header line"
        )
    if len(names) == PIXELS and names[0].lower() == "label":
        raise DataError(
            f"{name}: line 1: expected a label and {PIXELS} pixels, found a label and {PIXELS - 1} pixels; "
            "download the whole file"
        )
    if len(names) not in (PIXELS, PIXELS + 1):
        raise DataError(
            f"{name}: line 1: expected 785 columns, or 784 without labels, found {len(names)}; "
            "use the layout of Kaggle's digit-recognizer"
        )
    if len(names) == PIXELS + 1 and names[0].lower() != "label":
        raise DataError(
            f"{name}: line 1, column 1: expected 'label', found {_quoted(names[0].encode())}; "
            "put the labels in the first column"
        )
    return names


def _whole_lines(stream: Reader, name: str, first_line: int) -> Iterator[bytes]:
    """Yield blocks of whole lines, with CRLF replaced by LF."""
    rest, line = b"", first_line
    while data := stream.read(_BLOCK):
        block, newline, rest = (rest + data).rpartition(b"\n")
        if len(rest) > _LONGEST_LINE:
            line += block.count(b"\n") + len(newline)
            raise DataError(
                f"{name}: line {line}: expected under {_LONGEST_LINE} characters, found more; "
                "use the layout of Kaggle's digit-recognizer"
            )
        if newline:
            line += block.count(b"\n") + 1
            yield (block + newline).replace(b"\r\n", b"\n")
    if rest:
        yield rest.removesuffix(b"\r") + b"\n"


def _numbers(block: bytes, columns: int) -> Table | None:
    """Return a block of lines as numbers, or None if the block is invalid."""
    text = np.frombuffer(block, np.uint8)
    figures = text - np.uint8(_ZERO)  # wraps: every other byte is 10 or more
    ends = np.flatnonzero((text == _COMMA) | (text == _NEWLINE))
    if ends.size % columns or np.count_nonzero(figures < 10) != text.size - ends.size:
        return None
    newline = (text[ends] == _NEWLINE).reshape(-1, columns)
    lengths = np.diff(ends, prepend=-1) - 1
    if newline[:, :-1].any() or not newline[:, -1].all() or lengths.min() < 1 or lengths.max() > 3:
        return None
    values = figures[ends - 1].astype(np.int16)
    for place, weight in ((2, 10), (3, 100)):
        long = np.flatnonzero(lengths >= place)
        values[long] += figures[ends[long] - place].astype(np.int16) * np.int16(weight)
    return None if values.max() > 255 else values.astype(np.uint8).reshape(-1, columns)


def _first_error(
    block: bytes, columns: list[str], name: str, label: int | None, first_line: int
) -> DataError:
    """Return the error for the first invalid value or line."""
    for line, text in enumerate(block.removesuffix(b"\n").split(b"\n"), first_line):
        fields = text.split(b",")
        if not text:
            return DataError(
                f"{name}: line {line}: expected {len(columns)} columns, found an empty line; remove it"
            )
        for column, field in enumerate(fields[: len(columns)]):
            most, expected = (9, "a digit 0-9") if column == label else (255, "a whole number 0-255")
            if not _FIELD.fullmatch(field) or int(field) > most:
                return DataError(
                    f"{name}: line {line}, column {column + 1} ({columns[column]}): "
                    f"expected {expected}, found {_quoted(field)}; correct that line"
                )
        if len(fields) != len(columns):
            return DataError(
                f"{name}: line {line}: expected {len(columns)} columns, found {len(fields)}; "
                "correct that line"
            )
    return DataError(
        f"{name}: lines from {first_line}: expected whole numbers 0-255, found something else; "
        "download the file again"
    )


def _quoted(field: bytes) -> str:
    """Return a field for a message: printable, at most 20 characters."""
    text = field.decode("utf-8", "replace")
    return repr(text if len(text) <= 20 else text[:20] + "...")
