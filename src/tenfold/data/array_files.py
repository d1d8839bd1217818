"""NumPy's files: ``.npz`` with several named arrays, and ``.npy`` with one. Pickled objects are never loaded.

Headers are checked before memory is allocated: an array must have exactly the bytes that its header states.
"""

from __future__ import annotations

import os
import re
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from tenfold.data.class_labels import datasets_of
from tenfold.data.dataset import Dataset
from tenfold.data.mapping import MAPPED_FROM, map_array
from tenfold.data.pixel_values import as_images
from tenfold.errors import DataError
from tenfold.files import open_regular, shown

Array = npt.NDArray[Any]
Parts = dict[str, list[tuple[Array, Array]]]

MOST_BYTES = 4 << 30  # of one array
_MOST_ARRAYS = 1000
_LONGEST_HEADER = 10_000  # bytes, as NumPy's own limit
_PARTS = {"train": "train", "training": "train", "test": "test", "testing": "test", "t10k": "test"} | {
    held: "test" for held in ("val", "valid", "validation")
}
_PIXELS = r"x|images?|imgs?|data|pixels|features|arr"
_LABELS = r"y|labels?|targets?|class|classes|lbls?"
_NAMES = [
    re.compile(rf"(?:.*?[-_. ])?(?:(?P<part>{'|'.join(_PARTS)})[-_. ]?)(?:(?P<pixels>{_PIXELS})|{_LABELS})"),
    re.compile(rf"(?:(?P<pixels>{_PIXELS})|{_LABELS})(?:[-_. ]?(?P<part>{'|'.join(_PARTS)}))?"),
    re.compile(rf".+[-_. ](?:(?P<pixels>{_PIXELS})|{_LABELS})(?P<part>)"),
]
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, MemoryError),
    *(ValueError, TypeError, SyntaxError, KeyError, OverflowError, tokenize.TokenError, RecursionError),
)


def read_npz(path: Path, names: str, name: str) -> list[Dataset]:
    """Read images and labels from an ``.npz`` file.

    Parameters
    ----------
    path : Path
    names : str
        Names of the arrays, separated by commas: images, labels, and perhaps test images, test labels. By
        default they are found by names such as ``x_train`` and ``y_train``, or ``images`` and ``labels``.
    name : str
        Of the data sets.

    Returns
    -------
    list of Dataset
        The training set, and the test set if there is one.

    Raises
    ------
    DataError
        If the file is damaged, holds objects, or its arrays are not images with labels.
    """
    arrays = _arrays(path)
    pairs = _chosen(arrays, names.split(","), path) if names else _by_name(arrays, path)
    return data_sets(pairs, name, shown(path))


def data_sets(pairs: list[tuple[Array, Array]], name: str, where: str) -> list[Dataset]:
    """Return arrays of images and labels as data sets that share their classes.

    Raises
    ------
    DataError
        If they are not images and labels.
    """
    parts = []
    for pixels, labels in pairs:
        images = as_images(pixels, where)
        flat = labels.reshape(-1) if labels.ndim == 2 and labels.shape[1] == 1 else labels  # (n, 1)
        if flat.shape != images.shape[:1]:
            raise DataError(
                f"{where}: expected one label for each of {len(images):,} images, found labels of the shape "
                f"{labels.shape}; save them as one number or name each"
            )
        images.setflags(write=False)
        parts.append((images, flat))
    if len({images.shape[1:] for images, _ in parts}) > 1:
        shapes = " and ".join(str(images.shape[1:]) for images, _ in parts)
        raise DataError(f"{where}: expected images of one size, found {shapes}; bring them to one size")
    return datasets_of(parts, name, where)


def _arrays(path: Path) -> dict[str, Array]:
    """Return the arrays of an ``.npz`` file by name."""
    name = shown(path)
    with open_regular(path, DataError) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
                if len(entries) > _MOST_ARRAYS:
                    raise DataError(
                        f"{name}: expected at most {_MOST_ARRAYS} arrays, found {len(entries)}; split "
                        "the file"
                    )
                found = {}
                for entry in entries:
                    with archive.open(entry) as member:
                        key = entry.filename.removesuffix(".npy")
                        found[key] = read_array(member, entry.file_size, f"{name}: {shown(key)}")
                return found
        except DataError:
            raise
        except DAMAGE as error:
            raise DataError(
                f"{name}: expected an .npz file, found a damaged or another one; save it again"
            ) from error


def read_npy(path: Path) -> Array:
    """Read the array of an ``.npy`` file.

    Raises
    ------
    DataError
        If the file is damaged or holds objects.
    """
    with open_regular(path, DataError) as stream:
        return read_array(stream, os.fstat(stream.fileno()).st_size, shown(path), path)


def read_only_array(path: Path) -> Array:
    """Read the array of an ``.npy`` file, or the only one of an ``.npz`` file.

    Raises
    ------
    DataError
        If the file is damaged, or has several arrays.
    """
    if path.suffix.lower() == ".npy":
        return read_npy(path)
    arrays = _arrays(path)
    if len(arrays) != 1:
        raise DataError(f"{shown(path)}: expected one array, found {_listed(arrays)}; give the file itself")
    return next(iter(arrays.values()))


def array_pairs(folder: Path) -> list[tuple[str, str]]:
    """Return the names of files with images and with labels, one array each; the training set first."""
    stems = {one.stem: one.name for one in sorted(folder.iterdir()) if one.suffix.lower() in (".npy", ".npz")}
    return [(stems[x], stems[y]) for x, y in pairs_by_name(stems) or []]


def read_array(stream: IO[bytes], size: int, where: str, path: Path | None = None) -> Array:
    """Read an array in NumPy's format from a stream of ``size`` bytes; a large one of a plain file is mapped.

    Raises
    ------
    DataError
        If it is damaged, too large, or holds objects, which only pickle could load.
    """
    shape, by_columns, dtype, left = read_array_header(stream, size, where)
    if left > MOST_BYTES:
        raise DataError(
            f"{where}: expected at most {MOST_BYTES >> 30} GB, found {left} bytes; save it as uint8, or "
            "split it"
        )
    if path is not None and dtype == np.uint8 and not by_columns and left >= MAPPED_FROM:
        return map_array(stream, path, size - left, shape)
    return _content(stream, left, dtype, shape, by_columns, where)


def read_array_header(
    stream: IO[bytes], size: int, where: str
) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Read an array's header; return its shape, whether it is stored by columns, its dtype and its bytes.

    Raises
    ------
    DataError
        If it is damaged, states another size than ``size``, or the array holds objects.
    """
    try:
        version = npy.read_magic(stream)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_columns, dtype = read_header(stream, max_header_size=_LONGEST_HEADER)
        left = size - stream.tell()
    except DAMAGE as error:
        raise _damaged(where) from error
    if dtype.hasobject:
        raise DataError(
            f"{where}: expected numbers, found Python objects, which could run any program when they are "
            "loaded; "
            "save the labels with .astype(int) or .astype(str)"
        )
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if dtype.itemsize == 0 or count * dtype.itemsize != left:
        raise _damaged(where)
    return shape, by_columns, dtype, left


def _content(
    stream: IO[bytes], left: int, dtype: np.dtype[Any], shape: tuple[int, ...], by_columns: bool, where: str
) -> Array:
    """Read the values of an array."""
    try:
        data = stream.read(left + 1)  # one byte more has the archive check its CRC
    except DAMAGE as error:
        raise _damaged(where) from error
    if len(data) != left or 0 in shape:
        raise _damaged(where)
    values = np.frombuffer(data, dtype)
    return values.reshape(shape[::-1]).T if by_columns else values.reshape(shape)


def _damaged(where: str) -> DataError:
    return DataError(f"{where}: expected an array, found a damaged or an empty one; save it again")


def _chosen(arrays: Mapping[str, Array], names: list[str], path: Path) -> list[tuple[Array, Array]]:
    """Return pairs of images and labels by their given names."""
    missing = [name for name in names if name not in arrays]
    if missing or len(names) not in (2, 4):
        raise DataError(
            f"{shown(path)}: expected the names of images and labels, found {','.join(names)!r} to "
            "choose from "
            f"{_listed(arrays)}; give for instance {shown(path)}:{','.join(map(shown, [*arrays][:2]))}"
        )
    pairs = [arrays[name] for name in names]
    return [(pairs[i], pairs[i + 1]) for i in range(0, len(pairs), 2)]


def _by_name(arrays: Mapping[str, Array], path: Path) -> list[tuple[Array, Array]]:
    """Return pairs of images and labels by the usual names; the training set first."""
    found = pairs_by_name(arrays)
    if found is None:
        raise DataError(
            f"{shown(path)}: expected arrays such as x_train, y_train, x_test, y_test, or x and y, found "
            f"{_listed(arrays)}; name images and labels: "
            f"{shown(path)}:{','.join(map(shown, [*arrays, 'x', 'y'][:2]))}"
        )
    return [(arrays[x], arrays[y]) for x, y in found]


def pairs_by_name(names: Iterable[str]) -> list[tuple[str, str]] | None:
    """Return the names of images and labels, the training set first; None if they cannot be told.

    A set for validation counts as the test set if there is no other, and is left out otherwise.

    Examples
    --------
    >>> pairs_by_name(["x_test", "x_train", "y_test", "y_train"])
    [('x_train', 'y_train'), ('x_test', 'y_test')]
    >>> pairs_by_name(["images", "labels"])
    [('images', 'labels')]
    """
    roles: dict[str, dict[bool, list[str]]] = {}
    for name in names:
        match = next((match for match in (one.fullmatch(name.lower()) for one in _NAMES) if match), None)
        if match is not None:
            part = match["part"] or ""
            roles.setdefault(part, {}).setdefault(match["pixels"] is not None, []).append(name)
    sound = {
        part: (found[True][0], found[False][0])
        for part, found in roles.items()
        if len(found.get(True, [])) == len(found.get(False, [])) == 1
    }
    trains = [pair for part, pair in sound.items() if _PARTS.get(part, "train") == "train"]
    tests = sorted(
        (part.startswith("val"), pair) for part, pair in sound.items() if _PARTS.get(part) == "test"
    )
    if len(trains) != 1:
        return None
    return trains + [pair for _, pair in tests[:1]]


def _listed(arrays: Mapping[str, Array]) -> str:
    said = [f"{shown(name)} {array.shape}" for name, array in list(arrays.items())[:6]]
    return ", ".join(said) + (", ..." if len(arrays) > len(said) else "") if said else "none"
