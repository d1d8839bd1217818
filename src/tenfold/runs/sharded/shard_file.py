"""The file of one shard: a table as CSV or Parquet, with a row for each image and the errors last."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tenfold.errors import CheckpointError, DataError
from tenfold.evaluate.predictions_csv import csv_text
from tenfold.files import open_regular, read_bounded, shown, write_atomically
from tenfold.quoting import message
from tenfold.runs.sharded.columns import Column, Row
from tenfold.runs.sharded.manifest import Form, Shard
from tenfold.train.history import csv_cell

_PIECE_BYTES = 1 << 30
_CHUNK = 1 << 20
_SOUND = b",\n"  # the end of a line whose error is empty


def file_name(shard: Shard, form: Form) -> str:
    """Return the name of a shard's file."""
    return f"part-{shard.number:06d}.{form}"


def write_rows(path: Path, columns: Sequence[Column], rows: Sequence[Row], form: Form) -> None:
    """Write a table, completely or not at all."""
    write_atomically(path, _parquet(columns, rows) if form == "parquet" else _csv(columns, rows))


def write_joined(path: Path, pieces: Sequence[Path], form: Form) -> None:
    """Write the tables of several files as one."""
    contents = [read_bounded(piece, _PIECE_BYTES, CheckpointError) for piece in pieces]
    if form == "csv":
        write_atomically(path, contents[0] + b"".join(one.partition(b"\n")[2] for one in contents[1:]))
        return
    import pyarrow
    import pyarrow.parquet

    tables = [pyarrow.parquet.read_table(io.BytesIO(one)) for one in contents]
    write_atomically(path, _written(pyarrow.concat_tables(tables)))


def counted(path: Path, form: Form) -> tuple[int, int]:
    """Return how many rows a file has, and how many of them say an error.

    Raises
    ------
    DataError
        If it cannot be read, or is damaged.
    """
    if form == "parquet":
        return _counted_parquet(path)
    lines = sound = 0
    last = b""
    with open_regular(path, DataError) as stream:
        while block := stream.read(_CHUNK):
            lines += block.count(b"\n")
            sound += block.count(_SOUND) + (last == b"," and block[:1] == b"\n")
            last = block[-1:]
    return max(lines - 1, 0), max(lines - 1, 0) - sound


def _csv(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    text = [[_cell(value) for value in row] for row in rows]
    head = [csv_cell(column.name) for column in columns]
    return csv_text([head, *text]).encode("utf-8", "backslashreplace")


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}"
    return csv_cell(value) if isinstance(value, str) else value  # None becomes an empty cell


def _parquet(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    import pyarrow

    types = {int: pyarrow.int64(), float: pyarrow.float64(), str: pyarrow.string()}
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [
        pyarrow.array(map(_text, held) if column.kind is str else held, types[column.kind], size=len(rows))
        for column, held in zip(columns, values, strict=True)
    ]
    return _written(pyarrow.Table.from_arrays(arrays, schema=schema))


def _text(value: str | None) -> str | None:
    """Return text without the half characters that stand for odd bytes in names of files."""
    return None if value is None else value.encode("utf-8", "backslashreplace").decode()


def _written(table: Any) -> bytes:
    import pyarrow.parquet

    stream = io.BytesIO()
    pyarrow.parquet.write_table(table, stream)
    return stream.getvalue()


def _counted_parquet(path: Path) -> tuple[int, int]:
    import pyarrow
    import pyarrow.parquet

    with open_regular(path, DataError) as stream:
        try:
            errors = pyarrow.parquet.read_table(stream, columns=["error"]).column("error")
            return len(errors), len(errors) - errors.null_count
        except (pyarrow.ArrowException, OSError, ValueError, KeyError) as error:
            raise DataError(
                f"{shown(path)}: expected a file of answers, found a damaged one ({message(error, 100)}); "
                "remove it and give the command again"
            ) from error
