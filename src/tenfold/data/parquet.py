"""Parquet files as the Hugging Face hub holds image sets: columns of pictures and of labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tenfold.data.class_labels import datasets_of
from tenfold.data.csv_columns import LABELS
from tenfold.data.dataset import Dataset
from tenfold.data.kept_pictures import Size, to_one_shape
from tenfold.data.picture_file import kept_picture
from tenfold.data.pixel_values import as_images, as_uint8
from tenfold.errors import DataError
from tenfold.extras import require
from tenfold.files import open_regular, shown
from tenfold.quoting import message

if TYPE_CHECKING:
    import pyarrow

PARQUET_MAGIC = b"PAR1"
_IMAGES = ("image", "img", "images", "picture", "pixels", "x")
_MOST_BYTES = 4 << 30

Notify = Callable[[str], None]


def read_parquet(
    parts: list[list[Path]], chosen: str, name: str, notify: Notify, size: Size | None = None
) -> list[Dataset]:
    """Read data sets from Parquet files.

    Parameters
    ----------
    parts : list of list of Path
        The files of the training set, and of the test set if there is one.
    chosen : str
        Names of the columns: labels, or images and labels separated by a comma; empty to find them.
    name : str
        Of the data sets.
    notify : callable
        Called with one line that the user should see.
    size : (int, int), optional
        Height and width that the pictures are brought to.

    Returns
    -------
    list of Dataset

    Raises
    ------
    DataError
        If a file is damaged, or its columns are not images and labels.
    ConfigError
        If pyarrow is not installed.
    """
    require("Parquet files", "parquet", "pyarrow")
    where = shown(parts[0][0])
    pictures, labels = [], []
    names: tuple[str, ...] = ()
    for files in parts:
        images_of_part, labels_of_part = [], []
        for file in files:
            table, columns = _table(file, chosen)
            names = names or _class_names(table, columns[1])
            images_of_part += _pictures(table.column(columns[0]), shown(file))
            labels_of_part += table.column(columns[1]).to_pylist()
        pictures.append(images_of_part)
        labels.append(_array(labels_of_part))
    shaped = to_one_shape(pictures, where, notify, size)
    return datasets_of(list(zip(shaped, labels, strict=True)), name, where, names)


def _table(path: Path, chosen: str) -> tuple[pyarrow.Table, tuple[str, str]]:
    """Read the columns of images and labels of one file."""
    import pyarrow
    import pyarrow.parquet

    name = shown(path)
    with open_regular(path, DataError) as stream:
        try:
            file = pyarrow.parquet.ParquetFile(stream)
            columns = _columns(file.schema_arrow.names, chosen, name)
            held = sum(
                file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)
            )
            if held > _MOST_BYTES:
                raise DataError(
                    f"{name}: expected at most {_MOST_BYTES >> 30} GB, found {held} bytes; split the file"
                )
            return file.read(columns=list(columns)), columns
        except (pyarrow.ArrowException, OSError, ValueError, MemoryError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(
                f"{name}: expected a Parquet file, found a damaged one ({message(error, 100)}); download "
                "it again"
            ) from error


def _columns(names: list[str], chosen: str, where: str) -> tuple[str, str]:
    """Return the names of the columns with images and with labels."""
    wanted = chosen.split(",") if chosen else []
    images = wanted[:1] if len(wanted) == 2 else [one for one in names if one.lower() in _IMAGES]
    labels = wanted[-1:] if wanted else [one for one in names if one.lower() in LABELS]
    if len(images) != 1 or len(labels) != 1 or not {*images, *labels} <= set(names):
        raise DataError(
            f"{where}: expected the columns image and label, found {', '.join(map(shown, names[:8]))}; "
            f"name those of images and labels: {where}:{','.join(map(shown, [*names, 'image', 'label'][:2]))}"
        )
    return images[0], labels[0]


def the_image_column(names: list[str], chosen: str, where: str) -> str:
    """Return the name of the column with images, where no labels are wanted.

    Raises
    ------
    DataError
        If it is not there, or there are several.
    """
    found = [one for one in names if (one == chosen if chosen else one.lower() in _IMAGES)]
    if len(found) == 1:
        return found[0]
    raise DataError(
        f"{where}: expected a column {shown(chosen or 'image')}, found {', '.join(map(shown, names[:8]))}; "
        f"name the column of images: {where}:{shown(names[0]) if names else 'image'}"
    )


def _class_names(table: pyarrow.Table, column: str) -> tuple[str, ...]:
    """Return the names of the classes that Hugging Face's libraries write into the file; empty without."""
    try:
        features = json.loads((table.schema.metadata or {})[b"huggingface"])["info"]["features"]
        names = features[column]["names"]
        return tuple(names) if all(isinstance(one, str) for one in names) else ()
    except (KeyError, ValueError, TypeError):
        return ()


def _pictures(column: pyarrow.ChunkedArray, where: str) -> list[npt.NDArray[np.uint8]]:
    """Return the pictures of a column: encoded ones, or lists of pixels."""
    if len(column) and is_list(column.type):
        return list(_from_lists(column, where))
    found = []
    for i, value in enumerate(column.to_pylist()):
        found.append(kept_picture(picture_bytes(value, i, where), f"{where}: row {i}"))
    return found


def picture_bytes(value: Any, row: int, where: str) -> bytes:
    """Return the encoded picture of a row: its value, or the part of it that Hugging Face's libraries name.

    Raises
    ------
    DataError
        If there is none.
    """
    data = value.get("bytes") if isinstance(value, dict) else value
    if isinstance(data, bytes):
        return data
    raise DataError(
        f"{where}: expected the bytes of a picture in row {row}, found {type(data).__name__}; "
        "save the pictures in the file, not their paths"
    )


def _from_lists(column: pyarrow.ChunkedArray, where: str) -> npt.NDArray[np.uint8]:
    """Return images from lists of pixels, in rows or one after another, without a Python object for each."""
    parts = [_levels(pixel_array(chunk, where), where) for chunk in column.chunks if len(chunk)]
    if len({part.shape[1:] for part in parts}) > 1:
        raise _several_sizes(where)
    return as_images(np.concatenate(parts), where)


def _levels(pixels: npt.NDArray[Any], where: str) -> npt.NDArray[Any]:
    """Return whole numbers as bytes, to hold less."""
    return as_uint8(pixels, where) if pixels.dtype.kind in "iu" else pixels


def pixel_array(array: pyarrow.Array, where: str) -> npt.NDArray[Any]:
    """Return lists of numbers, or lists of such lists and so on, as an array.

    Raises
    ------
    DataError
        If they are of several lengths, or other than numbers.
    """
    import pyarrow.compute

    shape, types = [len(array)], pyarrow.types
    while is_list(array.type):
        lengths = pyarrow.compute.unique(pyarrow.compute.list_value_length(array)).to_pylist()
        if None in lengths:
            raise DataError(f"{where}: expected pixels in each row, found an empty row; remove it")
        if len(lengths) != 1:
            raise _several_sizes(where)
        shape += lengths
        array = array.flatten()
    if not (types.is_integer(array.type) or types.is_floating(array.type) or types.is_boolean(array.type)):
        raise DataError(f"{where}: expected numbers, found {array.type}; save the pixels as uint8 0-255")
    if array.null_count:
        raise DataError(f"{where}: expected a number for each pixel, found none; fill the gaps")
    found: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False).reshape(shape)
    return found


def is_list(kind: pyarrow.DataType) -> bool:
    """Return whether values of a type are lists."""
    import pyarrow

    types = pyarrow.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _several_sizes(where: str) -> DataError:
    return DataError(f"{where}: expected images of one size, found several; bring them to one size")


def _array(labels: list[Any]) -> npt.NDArray[Any]:
    """Return labels as an array: of numbers if all are, else of objects."""
    whole = all(isinstance(one, int) for one in labels)
    return np.array(labels, np.int64 if whole else object)
