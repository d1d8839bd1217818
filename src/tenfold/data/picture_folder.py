"""Folders of pictures: one subfolder for each class, and perhaps ``train/`` and ``test/`` above them.

Pictures in ``0/`` to ``9/`` (or ``zero/``, ``digit_0/``) are digits: each is brought to 28 x 28 as MNIST was
made. All other pictures stay as they are, grey or in colour.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenfold.data.dataset import CLASSES, Dataset
from tenfold.data.formats.recognised import format_of
from tenfold.data.idx import SIDE
from tenfold.data.kept_pictures import Pixels, Size, to_one_shape
from tenfold.data.page.find_digits import single_digit
from tenfold.data.picture_file import kept_picture, read_picture
from tenfold.errors import DataError
from tenfold.files import reading_folder, shown

Notify = Callable[[str], None]

_SPLITS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "val": "val", "valid": "val", "validation": "val",
}  # fmt: skip
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGIT = re.compile(r"(?:digit|number|num)?[-_ ]?([0-9])", re.IGNORECASE)
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}  # made by Windows; names that begin with a dot are skipped too
_PICTURES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"),
    *(".pbm", ".pgm", ".ppm", ".pnm", ".heic", ".heif", ".hif", ".avif", ".pdf"),
)
_HEAD = 64  # bytes; formats are found by the first ones
_SHORT_STARTS = ("bmp", "pgm")  # formats whose first bytes a text may have too
_SAID = 5  # so many files are named in a message


@dataclass(frozen=True)
class PictureFolders:
    """Where the pictures are.

    Parameters
    ----------
    train : Path
        Its subfolders are the classes.
    test : Path or None
    aside : tuple of Path
        What is left aside.
    """

    train: Path
    test: Path | None
    aside: tuple[Path, ...] = ()


def find_pictures(folder: Path) -> PictureFolders | None:
    """Find the folders of a training and a test set; None if there are no classes with pictures.

    Raises
    ------
    DataError
        If the folder cannot be read.
    """
    halves: dict[str, Path] = {}
    for name in _entries(folder):
        if name.lower() in _SPLITS and _classes(folder / name):
            halves.setdefault(_SPLITS[name.lower()], folder / name)
    if "train" in halves:
        test = halves.get("test", halves.get("val"))
        aside = [half for half in halves.values() if half not in (halves["train"], test)]
        return PictureFolders(halves["train"], test, tuple(aside))
    return PictureFolders(folder, None) if _classes(folder) else None


def flat_pictures(folder: Path) -> list[str]:
    """Return the names of pictures that lie in a folder itself, not in subfolders of classes."""
    return [name for name in _entries(folder) if name.lower().endswith(_PICTURES)]


def _classes(folder: Path) -> list[str]:
    """Return the names of subfolders with pictures, numbers in their order."""
    if not folder.is_dir():
        return []
    names = [name for name in _entries(folder) if (folder / name).is_dir() and _files(folder / name)[0]]
    numbers = all(name.isascii() and name.isdigit() for name in names)
    return sorted(names, key=int) if numbers else sorted(names)


def digit_of(name: str) -> int | None:
    """Return the digit that the name of a folder stands for; None if it is another name.

    Examples
    --------
    >>> digit_of("7"), digit_of("seven"), digit_of("digit_7"), digit_of("cat")
    (7, 7, 7, None)
    """
    if name.lower() in _WORDS:
        return _WORDS.index(name.lower())
    match = _DIGIT.fullmatch(name)
    return int(match[1]) if match else None


def read_pictures(
    found: PictureFolders, name: str, notify: Notify, size: Size | None = None
) -> list[Dataset]:
    """Read every picture, ordered by class and file name.

    Parameters
    ----------
    found : PictureFolders
    name : str
        Name of the data sets.
    notify : callable
        Called with a line for each thing that the user should see: files left aside, classes without
        pictures.
    size : (int, int), optional
        Height and width that all pictures are brought to, digits too.

    Returns
    -------
    list of Dataset
        The training set, and the test set if there is one.

    Raises
    ------
    DataError
        If pictures cannot be read, or a digit is blank; the first ones are named.
    """
    parts = [part for part in (found.train, found.test) if part is not None]
    names = [one for part in parts for one in _classes(part)]
    digits = size is None and all(digit_of(one) is not None for one in names)
    classes = list(map(str, range(CLASSES))) if digits else _ordered(set(names))
    listed = [_listed(part, classes, digits, notify) for part in parts]
    if found.aside:
        notify(
            f"{shown(found.train.parent)}: left aside: {', '.join(shown(one.name) for one in found.aside)}"
        )
    if digits:
        sets = [_digits(part, paths, name) for part, paths in zip(parts, listed, strict=True)]
    else:
        sets = _kept(parts, listed, classes, name, notify, size)
    return sets


def _ordered(names: set[str]) -> list[str]:
    numbers = all(name.isascii() and name.isdigit() for name in names)
    return sorted(names, key=int) if numbers else sorted(names)


Labelled = list[tuple[Path, int]]


def _listed(folder: Path, classes: list[str], digits: bool, notify: Notify) -> Labelled:
    """Return the pictures of a folder with their classes, ordered; other files are left aside."""
    found, stray = [], [name for name in _entries(folder) if (folder / name).is_file()]
    for name in _classes(folder):
        label = digit_of(name) if digits else classes.index(name)
        pictures, others = _files(folder / name)
        found += [(folder / name / one, label or 0) for one in pictures]
        stray += [f"{name}/{one}" for one in others]
    if stray:
        more = f" and {len(stray) - _SAID:,} more" if len(stray) > _SAID else ""
        notify(f"{shown(folder)}: left aside, as no pictures: {', '.join(map(shown, stray[:_SAID]))}{more}")
    return sorted(found, key=lambda one: one[1])


def _digits(folder: Path, paths: Labelled, name: str) -> Dataset:
    """Read digits, each brought to 28 x 28 as MNIST was made."""
    images = np.empty((len(paths), SIDE, SIDE), np.uint8)
    problems = []
    for image, (path, _) in zip(images, paths, strict=True):
        try:
            digit = single_digit(read_picture(path))
            if digit is None:
                raise DataError(
                    f"{shown(path)}: expected a digit, found a blank picture or a texture; remove it or "
                    f"draw it darker; if these are not digits: {shown(folder)}:{SIDE}x{SIDE}"
                )
            image[:] = digit
        except DataError as error:
            problems.append((path, error))
    _refuse(folder, problems, len(paths))
    return Dataset(images, np.array([digit for _, digit in paths], np.int64), name)


def _kept(
    parts: Sequence[Path],
    listed: Sequence[Labelled],
    classes: list[str],
    name: str,
    notify: Notify,
    size: Size | None,
) -> list[Dataset]:
    """Read pictures as they are."""
    pictures: list[list[Pixels]] = []
    for folder, paths in zip(parts, listed, strict=True):
        pictures.append([])
        problems = []
        for path, _ in paths:
            try:
                pictures[-1].append(kept_picture(path))
            except DataError as error:
                problems.append((path, error))
        _refuse(folder, problems, len(paths))
    where = shown(parts[0] if len(parts) == 1 else parts[0].parent)
    images = to_one_shape(pictures, where, notify, size)
    return [
        Dataset(part, np.array([label for _, label in paths], np.int64), name, class_names=classes)
        for part, paths in zip(images, listed, strict=True)
    ]


def _refuse(folder: Path, problems: list[tuple[Path, DataError]], count: int) -> None:
    """Raise an error that names the first pictures that cannot be used, and how many there are."""
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0][1]
    said = ", ".join(
        f"{shown(path.relative_to(folder))} ({str(error).partition('found ')[2].partition(';')[0]})"
        for path, error in problems[:_SAID]
    )
    more = f" and {len(problems) - _SAID:,} more" if len(problems) > _SAID else ""
    raise DataError(
        f"{shown(folder)}: expected {count:,} pictures that can be used, found {len(problems):,} that "
        "cannot: "
        f"{said}{more}; convert, redraw or remove them"
    )


def _entries(folder: Path) -> list[str]:
    """Return the names in a folder, sorted, without those that systems make."""
    with reading_folder(folder, DataError):
        names = sorted(os.listdir(folder))  # strings: there may be millions, and paths sort slowly
    return [name for name in names if not is_hidden(name)]


def is_hidden(name: str) -> bool:
    """Return whether a name in a folder is hidden, or is one that systems make."""
    return name[0] == "." or name.lower() in _SYSTEM_FILES or name == "__MACOSX"


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is a picture, by the ending of its name or else by its first bytes."""
    return os.fspath(path).lower().endswith(_PICTURES) or _starts_like_picture(path)


def _files(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of the pictures in a folder, and of its other files."""
    pictures: list[str] = []
    others: list[str] = []
    for name in _entries(folder):
        (pictures if is_picture(folder / name) else others).append(name)
    return pictures, others


def _starts_like_picture(path: str | os.PathLike[str]) -> bool:
    """Return whether the first bytes of a file are those of a picture."""
    try:
        with open(path if os.path.isfile(path) else os.devnull, "rb") as stream:
            return format_of(stream.read(_HEAD)) not in (None, *_SHORT_STARTS)
    except OSError:
        return False
