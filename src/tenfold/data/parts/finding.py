"""Finds the files of images that names lead to, by their content."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tenfold.data.gzip_reader import GZIP_MAGIC, GzipReader
from tenfold.data.parquet import PARQUET_MAGIC
from tenfold.data.parts.array_parts import array_part, image_arrays
from tenfold.data.parts.parquet_parts import parquet_part
from tenfold.data.parts.part import Kind, Part
from tenfold.data.picture_folder import is_hidden
from tenfold.data.picture_paths import by_numbers
from tenfold.errors import DataError
from tenfold.files import open_regular, shown

_NPY, _ZIP = b"\x93NUMPY", b"PK\x03\x04"
_IDX = (b"\0\0\x08\x03", b"\0\0\x08\x04")  # images, in grey and in colour
_ENDING = ".parquet"


def find_parts(names: Sequence[str]) -> list[Part] | None:
    """Find files of many images; None if the names lead to none of them.

    Parameters
    ----------
    names : sequence of str
        IDX files of images, plain or gzipped; ``.npy``, ``.npz`` and Parquet files; folders with Parquet
        files. ``FILE:NAME`` names an array of an ``.npz`` file, or a column of a Parquet file.

    Returns
    -------
    list of Part or None
        In the order of the names; those of a folder by name, numbers by value.

    Raises
    ------
    DataError
        If one is damaged, or holds no images, or some names lead to other files.
    """
    found: list[Part] = []
    other = None
    for name in names:
        file, member = _parted(name)
        files = _below(file) if os.path.isdir(file) else [file]
        parts = [part for one in files if (part := _part(one, member)) is not None]
        other = other or (None if parts else name)
        found += parts
    if found and other is not None:
        raise DataError(
            f"{shown(other)}: expected a file of images like {shown(found[0].file)}, found something else; "
            "use two commands"
        )
    if found and not sum(part.images for part in found):
        raise DataError(f"{shown(found[0].file)}: expected images, found none; name another file")
    return found or None


def _part(file: str, member: str) -> Part | None:
    kind = _kind(file)
    if kind == "parquet":
        return parquet_part(file, member)
    if kind == "npz":
        return array_part(file, kind, member or _only_array(file))
    return None if kind is None else array_part(file, kind)


def _parted(name: str) -> tuple[str, str]:
    """Divide ``FILE:NAME``; a file whose name has a colon is that file."""
    file, _, member = name.rpartition(":")
    return (file, member) if file and not os.path.lexists(name) and os.path.isfile(file) else (name, "")


def _below(folder: str) -> list[str]:
    """Return the Parquet files of a folder and below it."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted((one for one in folders if not is_hidden(one)), key=by_numbers)
        for name in sorted(names, key=by_numbers):
            if name.lower().endswith(_ENDING) and not is_hidden(name):
                found.append(os.path.join(place, name))
    return found


def _kind(file: str) -> Kind | None:
    """Return what a file is, by its first bytes; None for anything else."""
    if not os.path.isfile(file):
        return None
    with open_regular(file, DataError) as stream:
        head = stream.read(8)
        if head.startswith(GZIP_MAGIC):
            stream.seek(0)
            try:
                head = bytes(GzipReader(stream, shown(file)).read(4))
            except DataError:
                return None
            return "idx" if head in _IDX else None
    if head.startswith(PARQUET_MAGIC):
        return "parquet"
    if head.startswith(_NPY):
        return "npy"
    if head.startswith(_ZIP) and file.lower().endswith(".npz"):
        return "npz"
    return "idx" if head[:4] in _IDX else None


def _only_array(file: str) -> str:
    """Return the name of the one array of images in an ``.npz`` file."""
    names = image_arrays(file)
    if len(names) == 1:
        return names[0]
    listed = ", ".join(map(shown, names[:6])) or "none"
    raise DataError(
        f"{shown(file)}: expected one array of images, found {listed}; name it: "
        f"{shown(file)}:{shown(names[0]) if names else 'x_test'}"
    )
