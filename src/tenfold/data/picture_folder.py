"""A folder of pictures sorted by digit: subfolders ``0/`` to ``9/``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tenfold.data.dataset import CLASSES, Dataset
from tenfold.data.idx import SIDE
from tenfold.data.page.find_digits import single_digit
from tenfold.data.picture_file import read_picture
from tenfold.errors import DataError
from tenfold.files import reading_folder, shown

DIGITS = [str(digit) for digit in range(CLASSES)]
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}  # made by Windows; names that begin with a dot are skipped too


def has_digits(folder: Path) -> bool:
    """Return whether a folder has subfolders named by digits."""
    return any((folder / digit).is_dir() for digit in DIGITS)


def read_picture_folder(folder: Path, name: str, notify: Callable[[str], None]) -> Dataset:
    """Read every picture in ``0/`` to ``9/``, ordered by digit and file name.

    Parameters
    ----------
    folder : Path
    name : str
        Name of the data set.
    notify : callable
        Called with one line if digits have no pictures.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no picture, or one of them cannot be read or is blank.
    """
    paths = [(path, digit) for digit, name_ in enumerate(DIGITS) for path in _files(folder / name_)]
    if not paths:
        raise DataError(
            f"{shown(folder)}: expected pictures in 0/ to 9/, found none; put PNG or JPEG files there"
        )
    images = np.empty((len(paths), SIDE, SIDE), np.uint8)
    for image, (path, _) in zip(images, paths, strict=True):
        digit = single_digit(read_picture(path))
        if digit is None:
            raise DataError(
                f"{shown(path)}: expected a digit, found a blank picture or a texture; "
                "remove it or draw it darker"
            )
        image[:] = digit
    labels = np.array([digit for _, digit in paths], np.int64)
    missing = sorted(set(range(CLASSES)) - set(labels.tolist()))
    if missing:
        notify(
            f"{shown(folder)}: no pictures of {', '.join(map(str, missing))}; "
            "a network cannot learn these digits"
        )
    return Dataset(images, labels, name)


def _files(folder: Path) -> list[Path]:
    """Return the paths of the pictures in a folder, sorted by name."""
    if not folder.is_dir():
        return []
    with reading_folder(folder, DataError):
        names = sorted(os.listdir(folder))  # strings: there may be millions, and paths sort slowly
    return [folder / name for name in names if name[0] != "." and name.lower() not in _SYSTEM_FILES]
