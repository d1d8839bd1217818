"""Images in a column of a Parquet file: encoded pictures, or lists of pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.data.parquet import is_list, picture_bytes, pixel_array, the_image_column
from tenfold.data.parts.levels import levels
from tenfold.data.parts.part import Part, Taken, stamp
from tenfold.data.picture_file import kept_picture
from tenfold.data.pixel_values import shaped
from tenfold.errors import DataError
from tenfold.extras import require
from tenfold.files import open_regular, shown
from tenfold.quoting import message

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

_BATCH = 256  # rows that are held at a time


def parquet_part(file: str, column: str = "") -> Part:
    """Return what a Parquet file holds, of which only the end is read.

    Raises
    ------
    DataError
        If it is damaged, or has no column of images.
    ConfigError
        If pyarrow is not installed.
    """
    require("Parquet files", "parquet", "pyarrow")
    with _opened(file) as held:
        column = the_image_column(held.schema_arrow.names, column, shown(file))
        meta = held.metadata
        group = meta.row_group(0).num_rows if meta.num_row_groups else 1
        return Part(file, "parquet", column, images=meta.num_rows, group=max(1, group), **stamp(file))


def take_from_parquet(part: Part, start: int, stop: int) -> Iterator[Taken]:
    """Yield images; see `tenfold.data.parts.take`."""
    with _opened(part.file) as held:
        groups, first = _row_groups(held.metadata, start, stop)
        for batch in held.iter_batches(_BATCH, row_groups=groups, columns=[part.member]):
            from_, to = max(start - first, 0), min(stop - first, len(batch))
            if from_ < to:
                yield from _images(batch.column(0).slice(from_, to - from_), first + from_, part.label)
            first += len(batch)


def _row_groups(meta: Any, start: int, stop: int) -> tuple[list[int], int]:
    """Return the row groups that hold rows from one place to another, and the place of their first row."""
    groups: list[int] = []
    first = row = 0
    for number in range(meta.num_row_groups):
        rows = meta.row_group(number).num_rows
        if row + rows > start and row < stop:
            first = first if groups else row
            groups.append(number)
        row += rows
    return groups, first


def _images(column: pyarrow.Array, first: int, where: str) -> Iterator[Taken]:
    """Yield the images of a few rows; where they do not have one form, each row by itself."""
    if not is_list(column.type):
        for row, value in enumerate(column.to_pylist(), start=first):
            yield row, _picture(value, row, where)
        return
    try:
        pixels = shaped(pixel_array(column, where), where)
    except DataError as error:
        if len(column) == 1:
            yield first, error
        else:
            for place in range(len(column)):
                yield from _images(column.slice(place, 1), first + place, where)
        return
    yield from levels(first, pixels, where)


def _picture(value: Any, row: int, where: str) -> Any:
    try:
        return kept_picture(picture_bytes(value, row, where), f"{where}: row {row}")[np.newaxis]
    except DataError as error:
        return error


@contextmanager
def _opened(file: str) -> Iterator[pyarrow.parquet.ParquetFile]:
    """Open a Parquet file; damage that is found in it then is told with its name."""
    import pyarrow
    import pyarrow.parquet

    with open_regular(file, DataError) as stream:
        try:
            yield pyarrow.parquet.ParquetFile(stream)
        except (pyarrow.ArrowException, OSError, ValueError, MemoryError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(
                f"{shown(file)}: expected a Parquet file, found a damaged one ({message(error, 100)}); "
                "download it again"
            ) from error
