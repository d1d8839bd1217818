"""Parses lines of numbers as whole arrays, and finds the first value that is none.

NumPy parses whole blocks (77 MB in about half a second). Only an invalid block is parsed value by value, to
name its first error. `numpy.loadtxt` parses fractions; for whole numbers it would be ten times as slow, and
it accepts blank lines and signs.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tenfold.data.csv_columns import Columns
from tenfold.errors import DataError
from tenfold.files import shown

_COMMA, _NEWLINE, _ZERO = b",\n0"
Labels: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.bytes_]
_WHOLE = re.compile(rb"[0-9]{1,3}")
_FRACTION = re.compile(rb"[0-9]{0,3}\.?[0-9]*(?:[eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Rows:
    """Parsed lines.

    Parameters
    ----------
    pixels : uint8 or float32 array (rows, pixels)
        float32 only if there are fractions.
    labels : int64 or bytes array (rows,), or None
        Bytes if they are not all numbers of at most three figures.
    """

    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.float32]
    labels: Labels | None


def parse(block: bytes, columns: Columns, name: str, first_line: int) -> Rows:
    """Parse a block of lines, with commas between the values.

    Parameters
    ----------
    block : bytes
        Whole lines.
    columns : Columns
    name : str
        Of the file, for errors.
    first_line : int
        The number of the block's first line, for errors.

    Raises
    ------
    DataError
        If a line has another number of values, or a pixel is not a number of 0 to 255.
    """
    if b"." in block:
        block = block.replace(b".0,", b",").replace(b".0\n", b"\n")
    rows = _whole_numbers(block, columns)
    if rows is None and (b"." in block or b"e" in block.lower()):
        rows = _fractions(block, columns)
    if rows is None:
        raise _first_error(block, columns, name, first_line)
    return rows


def _whole_numbers(block: bytes, columns: Columns) -> Rows | None:
    """Return a block of whole numbers 0-255, or None if a pixel is none or a line is too long or short."""
    width = len(columns.names)
    text = np.frombuffer(block, np.uint8)
    figures = text - np.uint8(_ZERO)  # wraps: every other byte is 10 or more
    ends = np.flatnonzero((text == _COMMA) | (text == _NEWLINE))
    if not _is_table(text, ends, width):
        return None
    others = text.size - ends.size - np.count_nonzero(figures < 10)
    texts = set() if not others else _with_text(figures, text, ends, width)
    if not texts <= {columns.label, *columns.aside}:
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    kept = _kept(columns, texts, lengths.reshape(-1, width), width)
    if kept is None:
        return None
    chosen = slice(None) if len(kept) == width else kept
    values = _values(figures, ends.reshape(-1, width)[:, chosen], lengths.reshape(-1, width)[:, chosen])
    if values is None:
        return None
    labels: Labels | None = None
    if columns.label is not None and columns.label in kept:
        at = kept.index(columns.label)
        labels = values[:, at].astype(np.int64)
        values = (
            values[:, 1:] if at == 0 else values[:, :-1] if at == len(kept) - 1 else np.delete(values, at, 1)
        )
    elif columns.label is not None:
        labels = _texts(block, ends.reshape(-1, width), columns.label)
    return None if values.max(initial=0) > 255 else Rows(values.astype(np.uint8), labels)


def _is_table(text: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64], width: int) -> bool:
    """Return whether each line has ``width`` values."""
    if ends.size % width:
        return False
    newline = (text[ends] == _NEWLINE).reshape(-1, width)
    return not newline[:, :-1].any() and bool(newline[:, -1].all())


def _with_text(
    figures: npt.NDArray[np.uint8], text: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64], width: int
) -> set[int]:
    """Return the columns in which a value is not made of figures only."""
    where = np.flatnonzero((figures >= 10) & (text != _COMMA) & (text != _NEWLINE))
    return set(np.unique(np.searchsorted(ends, where) % width).tolist())


def _kept(columns: Columns, texts: set[int], lengths: npt.NDArray[np.int64], width: int) -> list[int] | None:
    """Return the columns to parse as numbers; None if a pixel is missing or has too many figures."""
    label = columns.label
    if (
        label is not None
        and label not in texts
        and not 1 <= lengths[:, label].min() <= lengths[:, label].max() <= 3
    ):
        texts = texts | {label}
    kept = [i for i in range(width) if i not in columns.aside and i not in texts]
    pixels = lengths if len(kept) == width else lengths[:, kept]
    return kept if pixels.size == 0 or 1 <= pixels.min() <= pixels.max() <= 3 else None


def _values(
    figures: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.int16] | None:
    """Return the numbers that end at ``ends`` and have one to three figures."""
    shape, ends, lengths = ends.shape, ends.ravel(), lengths.ravel()
    values = figures[ends - 1].astype(np.int16)
    for place, weight in ((2, 10), (3, 100)):
        long = np.flatnonzero(lengths >= place)
        values[long] += figures[ends[long] - place].astype(np.int16) * np.int16(weight)
    return values.reshape(shape)


def _texts(block: bytes, ends: npt.NDArray[np.int64], column: int) -> npt.NDArray[np.bytes_]:
    """Return the values of one column as they are written."""
    if column:
        starts = ends[:, column - 1] + 1
    else:
        starts = np.concatenate([[0], ends[:-1, -1] + 1])
    bounds = zip(starts.tolist(), ends[:, column].tolist(), strict=True)
    return np.array([block[start:end] for start, end in bounds])


def _fractions(block: bytes, columns: Columns) -> Rows | None:
    """Return a block of numbers with fractions, or None if a pixel is no number."""
    width = len(columns.names)
    ends = np.flatnonzero(np.isin(np.frombuffer(block, np.uint8), (_COMMA, _NEWLINE)))
    if not _is_table(np.frombuffer(block, np.uint8), ends, width):
        return None
    kept = [i for i in range(width) if i != columns.label and i not in columns.aside]
    try:
        pixels = np.loadtxt(
            io.BytesIO(block),
            np.float32,
            delimiter=",",
            usecols=kept,
            ndmin=2,
            comments=None,
            encoding="utf-8",
        )
    except (ValueError, UnicodeDecodeError):
        return None
    if len(pixels) != ends.size // width or not (
        np.isfinite(pixels).all() and 0 <= pixels.min() <= pixels.max() <= 255
    ):
        return None
    labels = None if columns.label is None else _texts(block, ends.reshape(-1, width), columns.label)
    return Rows(pixels, labels)


def _first_error(block: bytes, columns: Columns, name: str, first_line: int) -> DataError:
    """Return the error for the first invalid value or line."""
    names, ignored = columns.names, {columns.label, *columns.aside}
    for line, text in enumerate(block.removesuffix(b"\n").split(b"\n"), first_line):
        fields = text.split(b",")
        if not text:
            return DataError(
                f"{name}: line {line}: expected {len(names)} columns, found an empty line; remove it"
            )
        for column, field in enumerate(fields[: len(names)]):
            if column not in ignored and not _is_pixel(field):
                return DataError(
                    f"{name}: line {line}, column {column + 1} ({shown(names[column])[:60]}): "
                    f"expected a number 0-255, found {_quoted(field)}; correct that line"
                )
        if len(fields) != len(names):
            return DataError(
                f"{name}: line {line}: expected {len(names)} columns, found {len(fields)}; correct that line"
            )
    return DataError(
        f"{name}: lines from {first_line}: expected numbers 0-255, found something else; "
        "download the file again"
    )


def _is_pixel(field: bytes) -> bool:
    """Return whether a value is a number of 0 to 255."""
    if _WHOLE.fullmatch(field):
        return int(field) <= 255
    if not field.strip(b".") or len(field) > 40 or not _FRACTION.fullmatch(field):
        return False
    try:
        return 0 <= float(field) <= 255
    except ValueError:
        return False


def _quoted(field: bytes) -> str:
    """Return a field for a message: printable, at most 20 characters."""
    text = field.decode("utf-8", "replace")
    return repr(text if len(text) <= 20 else text[:20] + "...")
