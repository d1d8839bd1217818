"""The IDX format of MNIST: big-endian header, then the values, plain or gzipped.

The header is two zero bytes, the type of the values (8: unsigned byte, 12: integer of 32 bits), the number of
dimensions, and each dimension as a 32-bit integer. The size that it states is compared with the file's size
before any memory is allocated.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", section
"File formats for the MNIST database".
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from tenfold.data.gzip_reader import GZIP_MAGIC, GzipReader, Reader
from tenfold.data.mapping import MAPPED_FROM, map_array
from tenfold.errors import DataError, DTypeError
from tenfold.files import open_regular, shown, write_atomically

SIDE = 28  # pixels, height and width of an image
MAX_BYTES = 1 << 30  # of a gzipped file, which is read: twice the largest in use, that of EMNIST
_MAX_RATIO = 1032  # largest compression ratio of deflate
_UNSIGNED_BYTE, _INTEGER = 8, 12
_TYPES = {
    9: "signed bytes",
    11: "16-bit integers",
    12: "32-bit integers",
    13: "32-bit floats",
    14: "64-bit floats",
}
_KINDS = {1: "labels", 2: "labels", 3: "images", 4: "images"}  # by number of dimensions
_IMAGES = (
    (_UNSIGNED_BYTE, 3),
    (_UNSIGNED_BYTE, 4),
)  # types and dimensions that are read; the usual one first
_LABELS = ((_UNSIGNED_BYTE, 1), (_INTEGER, 1), (_INTEGER, 2))
_CHANNELS = (1, 3, 4)  # grey, colour, colour with transparency


def read_idx_images(path: str | os.PathLike[str]) -> npt.NDArray[np.uint8]:
    """Read the images of an IDX file, plain or gzipped (according to its content).

    Parameters
    ----------
    path : path
        For instance ``train-images-idx3-ubyte.gz``.

    Returns
    -------
    uint8 array (n, h, w) or (n, h, w, c)
        Pixels 0-255; of digits, ink high. A file of four dimensions holds colour, channels last or second.

    Raises
    ------
    DataError
        If the file is missing, damaged, not IDX, or holds no images.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> from tenfold.data import read_idx_images, write_idx
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "t10k-images-idx3-ubyte.gz"
    >>> write_idx(path, np.zeros((2, 28, 28), np.uint8))
    >>> read_idx_images(path).shape
    (2, 28, 28)
    """
    images = _read(path, _IMAGES).astype(np.uint8, copy=False)
    if images.ndim == 3 or images.shape[3] in _CHANNELS:
        return images
    if images.shape[1] in _CHANNELS:
        return np.ascontiguousarray(np.moveaxis(images, 1, 3))  # (n, c, h, w) -> (n, h, w, c)
    raise DataError(
        f"{shown(path)}: expected images of 1, 3 or 4 channels, last or second, found the dimensions "
        f"{images.shape}; save them as (n, h, w, c)"
    )


def read_idx_labels(path: str | os.PathLike[str]) -> npt.NDArray[np.int64]:
    """Read the labels of an IDX file, plain or gzipped.

    Returns
    -------
    int64 array (n,)
        Classes. Of labels with several columns (QMNIST has eight), the first column.

    Raises
    ------
    DataError
        As `read_idx_images`, and if a label is negative.
    """
    table = _read(path, _LABELS)
    labels = (table if table.ndim == 1 else table[:, 0]).astype(np.int64)
    if labels.min() < 0:
        where = int(np.argmax(labels < 0))
        raise DataError(
            f"{shown(path)}: expected labels of 0 and more, found {labels[where]} at position {where}; "
            "number the classes from 0"
        )
    return labels


def write_idx(path: str | os.PathLike[str], array: npt.NDArray[np.uint8]) -> None:
    """Write unsigned bytes as an IDX file, gzipped if the name ends in ``.gz``.

    Parameters
    ----------
    path : path
    array : uint8 array of 1 to 255 dimensions

    Raises
    ------
    DTypeError
        If the array is not uint8.
    """
    if array.dtype != np.uint8:
        raise DTypeError(f"write_idx: expected uint8, found {array.dtype}; convert with .astype(np.uint8)")
    data = idx_header(array.shape) + array.tobytes()
    # mtime=0: the same array gives the same file
    write_atomically(Path(path), gzip.compress(data, mtime=0) if os.fspath(path).endswith(".gz") else data)


def open_idx_images(stream: BinaryIO, name: str) -> tuple[Reader, tuple[int, ...]]:
    """Return the reader of the pixels in an open IDX file of images, and their shape.

    Parameters
    ----------
    stream : binary file
        Of a regular file, at its start.
    name : str
        For errors.

    Returns
    -------
    Reader
        At the first pixel: the stream itself, or a `GzipReader` of it.
    tuple of int
        (n, h, w), (n, h, w, c) or (n, c, h, w).

    Raises
    ------
    DataError
        If it is not IDX, holds no images, or has another size than its header states.
    """
    reader, _, shape = _opened(stream, name, _IMAGES)
    return reader, shape


def idx_header(shape: tuple[int, ...], kind: int = _UNSIGNED_BYTE) -> bytes:
    """Return the header of an IDX file with this shape and type of values."""
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape)


def idx_sha256(array: npt.NDArray[np.integer]) -> str:
    """Return the SHA-256 of the uncompressed IDX file of this array, in hexadecimal.

    Parameters
    ----------
    array : uint8 array, or int32 in big-endian order
    """
    kind = _UNSIGNED_BYTE if array.dtype == np.uint8 else _INTEGER
    return idx_sha256_of(array.shape, [array], kind)


def idx_sha256_of(
    shape: tuple[int, ...], parts: Iterable[npt.NDArray[np.integer]], kind: int = _UNSIGNED_BYTE
) -> str:
    """Return the same for an array of this shape that comes in parts along its first axis."""
    digest = hashlib.sha256(idx_header(shape, kind))
    for part in parts:
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def _read(path: str | os.PathLike[str], allowed: tuple[tuple[int, int], ...]) -> npt.NDArray[np.integer]:
    """Read a file whose type and number of dimensions are among ``allowed``."""
    name = shown(path)
    with open_regular(path, DataError) as stream:
        reader, kind, shape = _opened(stream, name, allowed)
        dtype = np.dtype(np.uint8 if kind == _UNSIGNED_BYTE else ">i4")
        count = math.prod(shape) * dtype.itemsize
        if reader is stream and kind == _UNSIGNED_BYTE and count >= MAPPED_FROM:
            return map_array(stream, path, stream.tell(), shape)
        data = reader.read(count + 1)  # one byte more detects a longer file and lets gzip check its CRC
    if len(data) != count:
        held = "more" if len(data) > count else str(len(data))
        raise DataError(_mismatch(name, shape, count, held))
    values: npt.NDArray[np.integer] = np.frombuffer(
        bytearray(data) if isinstance(data, bytes) else data, dtype
    )
    return values.reshape(shape)


def _opened(
    stream: BinaryIO, name: str, allowed: tuple[tuple[int, int], ...]
) -> tuple[Reader, int, tuple[int, ...]]:
    """Return the reader of the values, which starts at the first one, their type and their shape."""
    size = os.fstat(stream.fileno()).st_size
    if size == 0:
        raise DataError(f"{name}: expected an IDX file, found an empty file; download it again")
    packed = stream.read(2) == GZIP_MAGIC
    stream.seek(0)
    reader: Reader = GzipReader(stream, name) if packed else stream
    kind, shape = _header(reader, name, allowed)
    _check_size(shape, 1 if kind == _UNSIGNED_BYTE else 4, name, size, packed)
    return reader, kind, shape


def _header(reader: Reader, name: str, allowed: tuple[tuple[int, int], ...]) -> tuple[int, tuple[int, ...]]:
    """Read the type of the values and the dimensions, after checking the first four bytes."""
    kind = _KINDS[allowed[0][1]]
    magic = bytes(reader.read(4))
    if len(magic) < 4 or magic[:2] != b"\0\0" or (magic[2], magic[3]) not in allowed:
        raise _wrong_magic(magic, name, allowed)
    dimensions = magic[3]
    packed = bytes(reader.read(4 * dimensions))
    if len(packed) != 4 * dimensions:
        raise DataError(
            f"{name}: expected a header of {4 + 4 * dimensions} bytes, found {4 + len(packed)}; "
            "download it again"
        )
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", packed)
    if 0 in shape:
        raise DataError(
            f"{name}: expected at least one {kind.rstrip('s')}, found the dimensions {shape}; "
            "download it again"
        )
    return magic[2], shape


def _wrong_magic(magic: bytes, name: str, allowed: tuple[tuple[int, int], ...]) -> DataError:
    """Return the error for a file of another type, of the other kind, or that is not IDX."""
    usual, dimensions = allowed[0]
    kind = _KINDS[dimensions]
    if len(magic) == 4 and magic[:2] == b"\0\0":
        if magic[2] in _TYPES and (magic[2], dimensions) not in allowed:
            return DataError(
                f"{name}: expected unsigned bytes (type 0x08), found {_TYPES[magic[2]]} "
                f"(type 0x{magic[2]:02x}); convert the file"
            )
        if magic[2] in (_UNSIGNED_BYTE, _INTEGER) and _KINDS.get(magic[3], kind) != kind:
            return DataError(
                f"{name}: expected {kind} ({dimensions} dimensions), found {_KINDS[magic[3]]} "
                f"({magic[3]} dimensions); give the {kind} file"
            )
    expected = idx_header((0,) * dimensions, usual)[:4]
    return DataError(
        f"{name}: expected the IDX magic {expected.hex()} of {kind}, found "
        f"{magic.hex() or 'nothing'}; download it again"
    )


def _check_size(shape: tuple[int, ...], itemsize: int, name: str, size: int, packed: bool) -> None:
    """Compare the number of bytes after the header with the file's size."""
    count = math.prod(shape) * itemsize
    header = len(idx_header(shape[:0])) + 4 * len(shape)
    if not packed and size != header + count:
        raise DataError(_mismatch(name, shape, count, str(size - header)))
    if packed and count > _MAX_RATIO * size:
        raise DataError(_mismatch(name, shape, count, f"{size} gzipped, too few for that many"))
    if packed and count > MAX_BYTES:
        raise DataError(
            f"{name}: expected at most {MAX_BYTES} bytes, found a header with {shape} = {count}; "
            "split the file"
        )


def _mismatch(name: str, shape: tuple[int, ...], count: int, held: str) -> str:
    return f"{name}: the header promises {shape} = {count} bytes, the file holds {held}; download it again"
