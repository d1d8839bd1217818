"""Finds the pictures that were named: by files, by folders with all that is below them, by patterns."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO, TypeAlias

from tenfold.data.image_csv import is_digit_csv
from tenfold.data.picture_folder import is_hidden, is_picture
from tenfold.errors import DataError
from tenfold.files import os_error_text, shown

_SAID = 5  # so many files are named in a message
_NUMBER = re.compile(r"(\d+)")
SortKey: TypeAlias = list[tuple[int, int | str]]


@dataclass
class PictureFiles:
    """What was found.

    Attributes
    ----------
    files : list of str
        In the order in which they were named; those of a folder by name, numbers by value.
    aside : list of str
        Files in folders that are not pictures.
    hidden, repeated : int
        How many hidden files and folders, and files that were named twice, are left aside.
    tables : list of str
        Those of the files that are CSV files of digits.
    problems : list of (str, DataError)
        Folders that cannot be read or have no pictures, patterns that match nothing.
    """

    files: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    hidden: int = 0
    repeated: int = 0
    tables: list[str] = field(default_factory=list)
    problems: list[tuple[str, DataError]] = field(default_factory=list)

    def notes(self) -> list[str]:
        """Say in a line each what was left aside."""
        found = []
        if self.aside:
            more = f" and {len(self.aside) - _SAID:,} more" if len(self.aside) > _SAID else ""
            found.append(f"left aside, not pictures: {', '.join(map(shown, self.aside[:_SAID]))}{more}")
        if self.hidden:
            found.append(f"left aside: {self.hidden:,} hidden {'entry' if self.hidden == 1 else 'entries'}")
        if self.repeated:
            files = "file that was" if self.repeated == 1 else "files that were"
            found.append(f"read once: {self.repeated:,} {files} named more than once")
        return found


def find_picture_files(named: Iterable[str]) -> PictureFiles:
    """Find the pictures, and CSV files of digits, that names lead to.

    Parameters
    ----------
    named : iterable of str
        Files; folders, with all below them; patterns with ``*``, ``?``, ``[...]``, and ``**`` for any
        folders. A file whose name looks like a pattern is that file.
    """
    found = PictureFiles()
    seen: set[str] = set()
    for name in named:
        before = len(found.files) + found.repeated, len(found.problems)
        for file in _files(name, found):
            place = os.path.abspath(file)
            if place in seen:
                found.repeated += 1
            else:
                seen.add(place)
                found.files.append(file)
        if before == (len(found.files) + found.repeated, len(found.problems)):
            found.problems.append((name, _nothing(name)))
    found.tables = [file for file in found.files if not is_picture(file) and is_digit_csv(file)]
    return found


def listed(named: Iterable[str], stdin: TextIO) -> Iterator[str]:
    """Yield names; for ``-`` those on stdin, one a line, or each ended by NUL as by ``find -print0``."""
    for name in named:
        if name != "-":
            yield name
            continue
        content = stdin.buffer.read()
        names = content.split(b"\0") if b"\0" in content else content.splitlines()
        yield from (os.fsdecode(one) for one in names if one.strip())


def _files(name: str, found: PictureFiles) -> Iterator[str]:
    if os.path.isdir(name):
        yield from _below(name, found)
    elif os.path.lexists(name) or not glob.has_magic(name):
        yield name
    else:
        for one in sorted(glob.iglob(name, recursive=True), key=by_numbers):
            if os.path.isdir(one):  # below `**` there are all files too; otherwise the shell names them
                if "**" not in name:
                    yield from _below(one, found)
            elif _is_read(one):
                yield one
            else:
                found.aside.append(one)


def _below(folder: str, found: PictureFiles) -> Iterator[str]:
    """Yield the pictures of a folder, then those of its subfolders; links to folders are not followed."""

    def refuse(error: OSError) -> None:
        place = os.fsdecode(error.filename or folder)
        text = f"{shown(place)}: expected a readable folder, found {os_error_text(error)}; make it readable"
        found.problems.append((place, DataError(text)))

    for place, folders, names in os.walk(folder, onerror=refuse):
        found.hidden += sum(map(is_hidden, [*folders, *names]))
        folders[:] = sorted((one for one in folders if not is_hidden(one)), key=by_numbers)
        for name in sorted((one for one in names if not is_hidden(one)), key=by_numbers):
            file = os.path.join(place, name)
            if is_picture(file):
                yield file
            else:
                found.aside.append(file)


def _is_read(file: str) -> bool:
    return is_picture(file) or is_digit_csv(file)


def _nothing(name: str) -> DataError:
    if os.path.isdir(name):
        return DataError(
            f"{shown(name)}: expected a folder with pictures, found none in it or below it; name a whole "
            f"data set with --data {shown(name)}"
        )
    return DataError(
        f"{shown(name)}: expected files that match the pattern, found none; check the pattern, and the folder"
    )


def by_numbers(name: str) -> SortKey:
    """Order names as people count: numbers within them by value.

    Examples
    --------
    >>> sorted(["page10", "page9", "cover"], key=by_numbers)
    ['cover', 'page9', 'page10']
    """
    parts = _NUMBER.split(name)
    return [(0, int(part)) if place % 2 else (1, part) for place, part in enumerate(parts)]
