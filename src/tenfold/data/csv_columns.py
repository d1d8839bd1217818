"""Which columns of a CSV file hold pixels, which one the label, and which are left aside."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tenfold.errors import DataError
from tenfold.files import shown
from tenfold.quoting import quoted

LABELS = ("label", "labels", "class", "target", "digit", "category", "y")
_INDEX = ("", "unnamed: 0", "index", "id", "imageid", "image_id", "row", "row_id")
_PIXEL = re.compile(r"[a-z_ .-]*\d+(?:[x_ ,.-]\d+)?")
_DIGITS = re.compile(r"[0-9]{1,6}")
_PLACE = re.compile(r"[a-z_ .-]*(\d+)[x_](\d+)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_MOST_LABEL = 99  # a column without a name that holds more is not taken for labels
_LONGEST = 60  # characters of a name in a message
_SAID = 5  # so many columns are named in a message


@dataclass(frozen=True)
class Columns:
    """What the columns of a file hold.

    Parameters
    ----------
    names : tuple of str
        For messages; made up if the file has no header.
    header : bool
        Whether the first line is one.
    label : int or None
        Index of the column with the labels.
    aside : tuple of int
        Indices of columns that are neither label nor pixel.
    shape : (int, int)
        Height and width of an image.
    """

    names: tuple[str, ...]
    header: bool
    label: int | None
    aside: tuple[int, ...]
    shape: tuple[int, int]


def columns_of(lines: Sequence[Sequence[str]], chosen: str, name: str) -> Columns:
    """Find out what the columns hold, from the first lines.

    Parameters
    ----------
    lines : sequence of sequence of str
        The values of the first lines, at least one line.
    chosen : str
        The label column: a name, ``"first"`` or ``"last"``; empty to find it.
    name : str
        Of the file, for errors.

    Raises
    ------
    DataError
        If the columns are not pixels and a label, or the label column cannot be told.
    """
    first = [text.strip() for text in lines[0]]
    numbers = sum(_NUMBER.fullmatch(text) is not None for text in first)
    words = len(first) - numbers
    header = words > 1 or (words == 1 and numbers <= 1) or _counts_up(first)
    names = [text.lower() for text in first] if header else []
    rows = lines[1:] if header else lines
    found = _named(names, chosen, name) if header else _by_chosen_place(len(first), chosen, name)
    label, aside = found if found is not None else _by_values(len(first), rows, name)
    pixels = [i for i in range(len(first)) if i != label and i not in aside]
    shape = _shape([names[i] for i in pixels] if header else [], len(pixels), name)
    said = tuple(first) if header else tuple(f"value {i + 1}" for i in range(len(first)))
    return Columns(said, header, label, aside, shape)


def _counts_up(first: list[str]) -> bool:
    """Return whether the first line counts 0, 1, 2, ..., as pandas names columns that have no names."""
    return len(first) > 3 and first == [str(i) for i in range(len(first))]


def _by_chosen_place(width: int, chosen: str, name: str) -> tuple[int | None, tuple[int, ...]] | None:
    """Return the label column of a file without a header, where it is chosen."""
    if not chosen:
        return None
    if chosen.lower() in ("first", "last"):
        return (0 if chosen.lower() == "first" else width - 1), ()
    raise DataError(
        f"{name}: line 1: expected a header with the column {quoted(chosen)}, found none; "
        f"give {name}:first or {name}:last"
    )


def _named(names: list[str], chosen: str, name: str) -> tuple[int | None, tuple[int, ...]] | None:
    """Return the label column and those left aside by their names; None if the names do not tell."""
    if chosen:
        return _chosen(names, chosen, name)
    others = [i for i, column in enumerate(names) if not _PIXEL.fullmatch(column)]
    candidates = [i for i in others if names[i] in LABELS]
    if not candidates:
        candidates = [i for i in others if names[i] not in _INDEX]
    if len(candidates) > 1:
        raise DataError(
            f"{name}: line 1: expected one column of labels, found {_listed(names, candidates)}; "
            f"name it: {name}:{shown(names[candidates[0]])[:_LONGEST]}"
        )
    if candidates:
        return candidates[0], tuple(i for i in others if i != candidates[0])
    if others or _is_square(len(names)):
        return None if not _is_square(len(names) - len(others)) else (None, tuple(others))
    return None


def _chosen(names: list[str], chosen: str, name: str) -> tuple[int, tuple[int, ...]]:
    """Return the label column that was named, and those left aside."""
    wanted = chosen.strip().lower()
    places = {"first": 0, "last": len(names) - 1}
    if wanted not in names and wanted not in places:
        others = [i for i, column in enumerate(names) if not _PIXEL.fullmatch(column)] or [0, len(names) - 1]
        raise DataError(
            f"{name}: line 1: expected a column {quoted(chosen)}, found {_listed(names, others)}; "
            f"name one of them, or give {name}:first or {name}:last"
        )
    label = names.index(wanted) if wanted in names else places[wanted]
    return label, tuple(i for i, column in enumerate(names) if i != label and not _PIXEL.fullmatch(column))


def _by_values(width: int, rows: Sequence[Sequence[str]], name: str) -> tuple[int | None, tuple[int, ...]]:
    """Return the label column and those left aside by their values, where no name tells."""
    if _is_square(width):
        return None, ()
    whole = [row for row in rows if len(row) == width]
    index = [0] if _is_square(width - 2) and _counts(whole) else []
    if not _is_square(width - 1 - len(index)):
        raise DataError(
            f"{name}: line 1: expected a label and a square number of pixels, such as 784, found {width} "
            "columns; name the columns label, 1x1, 1x2, ... (row x column)"
        )
    ends = [len(index), width - 1]
    texts = [i for i in ends if any(_NUMBER.fullmatch(row[i].strip()) is None for row in whole)]
    likely = texts or [i for i in ends if _like_labels([row[i].strip() for row in whole])]
    if len(likely) != 1:
        raise DataError(
            f"{name}: line 1: expected a header that names the column of labels, found none, and the "
            "first and "
            f"the last column look alike; give {name}:first or {name}:last"
        )
    return likely[0], tuple(index)


def _counts(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first column counts the lines."""
    first = [row[0].strip() for row in rows]
    return len(first) > 1 and first in (
        [str(i) for i in range(len(first))],
        [str(i + 1) for i in range(len(first))],
    )


def _like_labels(values: list[str]) -> bool:
    """Return whether the values of a column may be labels: a few small whole numbers that differ."""
    if not values or not all(_NUMBER.fullmatch(value) for value in values):
        return False
    numbers = {float(value) for value in values}
    return len(numbers) > 1 and all(n.is_integer() and 0 <= n <= _MOST_LABEL for n in numbers)


def _shape(names: list[str], count: int, name: str) -> tuple[int, int]:
    """Return height and width of an image, from the names ``1x1``, ``1x2``, ..., or a square number."""
    places = [match for match in map(_PLACE.fullmatch, names) if match]
    if places and len(places) == count:
        corner = [int(places[0][1]), int(places[0][2])]
        rows, columns = (int(places[-1][i]) - corner[i - 1] + 1 for i in (1, 2))
        in_order = all(
            (int(match[1]) - corner[0]) * columns + int(match[2]) - corner[1] == i
            for i, match in enumerate(places)
        )
        if rows * columns == count and in_order:
            return rows, columns
    _check_order(names, count, name)
    if count and _is_square(count):
        return math.isqrt(count), math.isqrt(count)
    raise DataError(
        f"{name}: line 1: expected a label and a square number of pixels, such as 784, found {count} "
        "columns of "
        "pixels; name them 1x1, 1x2, ... (row x column), or save the images as .npz"
    )


def _check_order(names: list[str], count: int, name: str) -> None:
    """Refuse columns whose names number the pixels in another order than theirs."""
    found = [tuple(map(int, _DIGITS.findall(column))) for column in names]
    if len(found) == count > 1 and all(len(each) in (1, 2) for each in found) and sorted(found) != found:
        at = next(i for i in range(1, count) if found[i] < found[i - 1])
        raise DataError(
            f"{name}: line 1: expected the pixels row by row in the order of their numbers, found "
            f"{quoted(names[at - 1])} before {quoted(names[at])}; sort the columns by their numbers"
        )


def _is_square(count: int) -> bool:
    return count > 0 and math.isqrt(count) ** 2 == count


def _listed(names: list[str], chosen: Sequence[int]) -> str:
    said = ", ".join(quoted(names[i]) for i in chosen[:_SAID])
    return said + (f" and {len(chosen) - _SAID} more" if len(chosen) > _SAID else "")
