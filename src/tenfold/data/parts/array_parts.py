"""Images of IDX, ``.npy`` and ``.npz`` files, which hold one array each or several named ones."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from typing import Any, NamedTuple

import numpy as np

from tenfold.data.array_files import DAMAGE, read_array_header
from tenfold.data.gzip_reader import Reader
from tenfold.data.idx import open_idx_images
from tenfold.data.parts.levels import levels
from tenfold.data.parts.part import Part, Taken, stamp
from tenfold.data.pixel_values import shaped
from tenfold.errors import DataError
from tenfold.files import open_regular, shown
from tenfold.quoting import message

_CHUNK_BYTES = 16 << 20
_SKIP_BYTES = 1 << 20  # which are read and dropped at a time
_MOST_IMAGES = 1024  # of a chunk: enough for the engine to work at its full speed
_DIMENSIONS = (3, 4)  # of arrays that can be told from labels


class _Array(NamedTuple):
    """An array that is read from its start."""

    reader: Reader
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def array_part(file: str, kind: Any, member: str = "") -> Part:
    """Return what the array of a file holds.

    Raises
    ------
    DataError
        If they are something else than images.
    """
    part = Part(file, kind, member, images=0, group=1, **stamp(file))
    with _damage_named(part.label), _opened(part) as array:
        shaped(np.empty((0, *array.shape[1:]), np.uint8), part.label)  # refuses what are no images
    return Part(file, kind, member, images=array.shape[0], group=1, size=part.size, modified=part.modified)


def image_arrays(file: str) -> list[str]:
    """Return the names of the arrays of an ``.npz`` file that look like images.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    with (
        _damage_named(shown(file)),
        open_regular(file, DataError) as stream,
        zipfile.ZipFile(stream) as archive,
    ):
        names = [one.filename.removesuffix(".npy") for one in archive.infolist() if _is_array(one)]
        return [name for name in names if len(_member(archive, file, name)) in _DIMENSIONS]


def take_from_array(part: Part, start: int, stop: int) -> Iterator[Taken]:
    """Yield images; see `tenfold.data.parts.take`."""
    with _damage_named(part.label), _opened(part) as array:
        size = math.prod(array.shape[1:]) * array.dtype.itemsize
        _skip(array.reader, start * size)
        step = max(1, min(_MOST_IMAGES, _CHUNK_BYTES // size))
        for first in range(start, stop, step):
            count = min(step, stop - first)
            data = array.reader.read(count * size)
            if len(data) != count * size:
                raise DataError(
                    f"{part.label}: expected {count} images from {first}, found the end of the file"
                )
            pixels = np.frombuffer(data, array.dtype).reshape(count, *array.shape[1:])
            yield from levels(first, shaped(pixels, part.label), part.label)


@contextmanager
def _opened(part: Part) -> Iterator[_Array]:
    """Open an array at its first value."""
    with open_regular(part.file, DataError) as stream:
        if part.kind == "idx":
            yield _Array(*open_idx_images(stream, part.label), np.dtype(np.uint8))
        elif part.kind == "npy":
            yield _array(stream, os.fstat(stream.fileno()).st_size, part.label)
        else:
            with zipfile.ZipFile(stream) as archive:
                name = f"{part.member}.npy"
                with archive.open(name) as member:
                    yield _array(member, archive.getinfo(name).file_size, part.label)


def _array(stream: Any, size: int, where: str) -> _Array:
    shape, by_columns, dtype, _ = read_array_header(stream, size, where)
    if by_columns and len(shape) > 1:
        raise DataError(
            f"{where}: expected images one after another, found an array that is stored by columns; save it "
            "with np.ascontiguousarray"
        )
    if not shape or 0 in shape or dtype.kind not in "biuf":
        raise DataError(f"{where}: expected images, found an array of {dtype} {shape}; name another array")
    return _Array(stream, shape, dtype)


def _member(archive: zipfile.ZipFile, file: str, name: str) -> tuple[int, ...]:
    """Return the shape of an array in an archive."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as stream:
        shape: tuple[int, ...] = read_array_header(stream, info.file_size, f"{shown(file)}: {shown(name)}")[0]
        return shape


def _is_array(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.endswith(".npy")


def _skip(reader: Reader, count: int) -> None:
    """Leave out so many bytes: a plain file is not read there."""
    if isinstance(reader, BufferedReader):
        reader.seek(count, os.SEEK_CUR)
        return
    while count > 0 and (got := len(reader.read(min(count, _SKIP_BYTES)))):
        count -= got


@contextmanager
def _damage_named(where: str) -> Iterator[None]:
    """While in a ``with`` block, damage that a library finds is told with the name of the file."""
    try:
        yield
    except DataError:
        raise
    except DAMAGE as error:
        raise DataError(
            f"{where}: expected an array, found a damaged file ({message(error, 100)}); save it again"
        ) from error
