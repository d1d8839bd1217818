"""Labels of any kind as class numbers, with the names of the classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.dataset import CLASSES, Dataset
from tenfold.data.idx import SIDE
from tenfold.errors import DataError

_DIGITS = set(map(str, range(CLASSES)))
_FIRST = 5  # so many things are named in a message


def datasets_of(
    parts: Sequence[tuple[npt.NDArray[np.uint8], npt.NDArray[Any]]],
    name: str,
    where: str,
    class_names: Sequence[str] = (),
) -> list[Dataset]:
    """Return data sets that share their classes.

    Whole numbers stay what they are, and text becomes the position of the name among the sorted names. Grey
    images of 28 x 28 with labels 0-9 are taken for digits: they have ten classes, whichever of them occur.

    Parameters
    ----------
    parts : sequence of (images, labels)
        For instance the training and the test set. Labels are whole numbers (also as floats or text) or
        names.
    name : str
        Of the data sets.
    where : str
        Starts error messages.
    class_names : sequence of str
        The names of the classes, in the order of the numbers.

    Raises
    ------
    DataError
        If labels are missing, negative, or numbers and names are mixed.
    """
    numbers, found = class_numbers([labels for _, labels in parts], where)
    names = tuple(class_names) or found
    if class_names and found:
        numbers = [_places(found, names, where)[labels] for labels in numbers]
    most = max(int(labels.max(initial=0)) for labels in numbers)
    if names and most >= len(names):
        raise DataError(
            f"{where}: expected labels 0-{len(names) - 1}, one for each name of a class, found {most}; "
            "correct the labels or the names"
        )
    digits = most < CLASSES and all(images.shape[1:] == (SIDE, SIDE) for images, _ in parts)
    classes = len(names) or (CLASSES if digits else most + 1)
    return [
        Dataset(images, labels, name, classes=classes, class_names=names)
        for (images, _), labels in zip(parts, numbers, strict=True)
    ]


def _places(found: Sequence[str], names: Sequence[str], where: str) -> npt.NDArray[np.int64]:
    """Return the place of each name that labels have among the names that were given."""
    for name in found:
        if name not in names:
            raise DataError(
                f"{where}: expected one of {_listed(names)}, found {name[:40]!r}; correct it, or remove its "
                "images"
            )
    return np.array([list(names).index(name) for name in found], np.int64)


def class_numbers(
    given: Sequence[npt.NDArray[Any]], where: str
) -> tuple[list[npt.NDArray[np.int64]], tuple[str, ...]]:
    """Return labels as numbers, and the names of the classes if the labels were names.

    Parameters
    ----------
    given : sequence of array (n,)
        Whole numbers (also as floats or text) or names.
    where : str
        Starts error messages.

    Raises
    ------
    DataError
        If labels are missing or negative, or numbers and names are mixed.
    """
    if all(labels.dtype.kind in "iufb" for labels in given):
        return [_whole(labels, where) for labels in given], ()
    texts = [[_text(label) for label in labels.tolist()] for labels in given]
    missing = next((i for labels in texts for i, label in enumerate(labels) if not label), None)
    if missing is not None:
        raise DataError(
            f"{where}: expected a label for each image, found none at position {missing}; add it or "
            "remove the image"
        )
    known = {label for labels in texts for label in labels}
    numeric = {label for label in known if _is_whole(label)}
    if numeric == known:
        return [np.array([int(float(label)) for label in labels], np.int64) for labels in texts], ()
    if numeric - _DIGITS:
        raise DataError(
            f"{where}: expected labels that are all numbers or all names, found {_listed(numeric)} and "
            f"{_listed(known - numeric)}; correct the labels"
        )
    names = tuple(sorted(known))
    index = {name: i for i, name in enumerate(names)}
    return [np.array([index[label] for label in labels], np.int64) for labels in texts], names


def _whole(labels: npt.NDArray[Any], where: str) -> npt.NDArray[np.int64]:
    """Return numbers as class numbers."""
    whole = np.isfinite(labels) & (labels >= 0) & (labels == np.floor(labels)) & (labels < 1 << 31)
    if not whole.all():
        at = int(np.argmin(whole))
        raise DataError(
            f"{where}: expected labels of 0 and more, found {labels[at]} at position {at}; "
            "number the classes from 0"
        )
    return labels.astype(np.int64)


def _text(label: Any) -> str:
    """Return a label as text; empty if it is missing."""
    if label is None or label != label:  # NaN, as pandas writes what is missing
        return ""
    if not isinstance(label, bytes):
        return str(label).strip()
    try:
        return label.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(f"labels: expected UTF-8, found {label[:40]!r}; save the file as UTF-8") from None


def _is_whole(label: str) -> bool:
    """Return whether a text is a whole number, also as spreadsheets and pandas write it: ``7.0``."""
    first, dot, rest = label.partition(".")
    return first.isascii() and first.isdigit() and len(first) < 10 and (not dot or not rest.strip("0"))


def _listed(names: Iterable[str]) -> str:
    """Return the first few names for a message."""
    ordered = sorted(names)
    more = f" and {len(ordered) - _FIRST:,} more" if len(ordered) > _FIRST else ""
    return ", ".join(repr(name[:40]) for name in ordered[:_FIRST]) + more
