"""Reads a corpus from a path; the content decides its layout, not the name.

The layouts are two tables of readers. The one that recognises a path wholly reads it; if none does, the
first one that recognises a part of it says what is missing; if there is none, the error lists what was
looked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from tenfold.data.corpus import Corpus
from tenfold.data.file_layouts import FILES
from tenfold.data.folder_layouts import FOLDERS
from tenfold.data.layout import Fit, Layout, Source
from tenfold.data.published import PUBLISHED
from tenfold.data.sample import SAMPLE
from tenfold.errors import DataError
from tenfold.files import open_regular, reading_folder, shown
from tenfold.registry import similar

Notify = Callable[[str], None]

NAMES = (*PUBLISHED, SAMPLE)
"""What `load_corpus` knows by name."""


def read_path(given: Path, notify: Notify) -> Corpus:
    """Read a corpus from a folder or file.

    Parameters
    ----------
    given : Path
        One of the layouts in `tenfold.data.folder_layouts` and `tenfold.data.file_layouts`. After a colon it
        may say which part is meant: ``data.csv:class`` (the column of labels), ``data.npz:images,labels``,
        ``folder:emnist-letters`` (one of several sets), ``pictures:64x64`` (height and width).
    notify : callable
        Called with one line that the user should see.

    Returns
    -------
    Corpus
        Named after the path, or after a published set if it is that set.

    Raises
    ------
    DataError
        If it is none of these, or a file is damaged.
    """
    path, part = _parted(given)
    with reading_folder(path, DataError):
        is_folder = path.is_dir()
    if not is_folder:
        _refuse_misspelt(path)
        with open_regular(path, DataError):
            pass  # what cannot be opened is refused before its content is looked at
    stem = path.resolve().name if is_folder else Path(re.sub(r"\.(gz|zip)$", "", path.name)).stem
    source = Source(path, part, corpus_name(stem), notify)
    with reading_folder(path, DataError):
        fitting, fit = _best(path, FOLDERS if is_folder else FILES)
    if not fitting:
        raise _unknown(path, is_folder)
    if is_folder and fit is Fit.wholly and len(fitting) > 1:
        others = ", ".join(layout.what for layout in fitting[1:])
        notify(f"{shown(path)}: reading {fitting[0].what}; the folder also has {others}")
    return fitting[0].read(source)


def _best(path: Path, layouts: tuple[Layout, ...]) -> tuple[list[Layout], Fit]:
    """Return the layouts that a path fits best, and how well."""
    fits = [(layout, layout.recognises(path)) for layout in layouts]
    best = max(fit for _, fit in fits)
    return [layout for layout, fit in fits if fit is best and fit is not Fit.none], best


def _parted(given: Path) -> tuple[Path, str]:
    """Return a path and what follows its last colon; a path that exists as it is has no such part."""
    before, colon, part = str(given).rpartition(":")
    if os.path.lexists(given) or not colon or not part or os.sep in part or not os.path.lexists(before):
        return given, ""
    return Path(before), part


def _refuse_misspelt(path: Path) -> None:
    """Suggest the right name if the path does not exist and resembles the name of a corpus."""
    near = similar(str(path).lower(), NAMES)
    if near and not os.path.lexists(path):
        raise DataError(
            f"{shown(path)}: expected an existing path or a name ({', '.join(NAMES)}), found no such file; "
            f"did you mean {' or '.join(near)}?"
        )


def _unknown(path: Path, is_folder: bool) -> DataError:
    """Return the error for a path that fits no layout: what was looked for, and what was found."""
    looked_for = ", or ".join(layout.what for layout in (FOLDERS if is_folder else FILES) if layout.what)
    if not is_folder:
        return DataError(
            f"{shown(path)}: expected a folder, or a file of images ({looked_for}), found neither; "
            "give one of these"
        )
    listed = sorted(shown(entry.name) for entry in path.iterdir())
    found = ", ".join(listed[:5]) + (", ..." if len(listed) > 5 else "") if listed else "an empty folder"
    return DataError(f"{shown(path)}: expected {looked_for}, found {found}; give a folder with one of these")


def corpus_name(text: str) -> str:
    """Return a name that is valid in file names and reports."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "digits"
