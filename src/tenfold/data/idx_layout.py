"""Finds the four IDX files of an image set, by any of the names and in any of the folders that are in use."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tenfold.data.published import PUBLISHED, PublishedSet
from tenfold.errors import DataError
from tenfold.files import reading_folder, shown

ROLES = ("train images", "train labels", "test images", "test labels")
"""What the four files hold, in the order of `IdxFiles.paths`."""

_NAME = re.compile(
    r"(?P<prefix>emnist-[a-z]+-|qmnist-)?(?P<part>train|test|t10k)-(?P<kind>images|labels)"
    r"[-.]idx[1-4]-(?:ubyte|int)(?P<ending>|\.gz|\.bin)"
)
_SPLITS = {"train": "train", "test": "test", "t10k": "test"}
_BELOW = ("", "raw", "gzip", "MNIST/raw")  # as torchvision, and EMNIST's archive, place them
_ENDINGS = ("", ".bin", ".gz")  # what is read without decompressing is preferred


@dataclass(frozen=True)
class IdxFiles:
    """Files of one set in one folder.

    Parameters
    ----------
    folder : Path
    prefix : str
        What their names have in common: ``"emnist-letters-"``, ``"qmnist-"``, or nothing as MNIST's.
    paths : tuple of Path or None
        In the order of `ROLES`; None for a missing file.
    """

    folder: Path
    prefix: str
    paths: tuple[Path | None, ...]

    @property
    def complete(self) -> bool:
        """Whether all four were found."""
        return None not in self.paths

    @property
    def published(self) -> PublishedSet | None:
        """The published set that these names belong to; MNIST's names are everybody's."""
        return next((one for one in PUBLISHED.values() if self.prefix and one.prefix == self.prefix), None)

    @property
    def missing(self) -> list[str]:
        """Names of the files that were not found."""
        names = (f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))
        if self.prefix == "qmnist-":
            names = (
                f"{part}-{kind}" for part in ("train", "test") for kind in ("images-idx3", "labels-idx2")
            )
        elif self.prefix:
            names = (
                f"{part}-{kind}" for part in ("train", "test") for kind in ("images-idx3", "labels-idx1")
            )
        return [
            f"{self.prefix}{name}-{'int' if name.endswith('2') else 'ubyte'}"
            for name, path in zip(names, self.paths, strict=True)
            if path is None
        ]


def find_idx(folder: Path) -> list[IdxFiles]:
    """Find the sets of IDX files in a folder and in the subfolders where torchvision and others place them.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of IdxFiles
        Complete ones first, then those nearest to the folder.

    Raises
    ------
    DataError
        If the folder cannot be read.
    """
    with reading_folder(folder, DataError):
        others = sorted(path.parent for path in folder.glob("*/raw") if path.is_dir())
        places = [folder / below for below in _BELOW]
        places += [other / "raw" for other in others if other / "raw" not in places]
        found = [one for place in places if place.is_dir() for one in _in_place(place)]
    return sorted(found, key=lambda one: not one.complete)


def _in_place(folder: Path) -> list[IdxFiles]:
    """Group the files of one folder by the set that their names belong to."""
    best: dict[str, dict[str, tuple[int, Path]]] = {}
    for name in sorted(os.listdir(folder)):
        match = _NAME.fullmatch(name.lower())
        if match is None:
            continue
        path, rank = _file_of(folder / name, match["ending"])
        role = f"{_SPLITS[match['part']]} {match['kind']}"
        roles = best.setdefault(match["prefix"] or "", {})
        roles[role] = min((rank, path), roles.get(role, (rank, path)))
    return [
        IdxFiles(folder, prefix, tuple(roles[role][1] if role in roles else None for role in ROLES))
        for prefix, roles in best.items()
    ]


def _file_of(path: Path, ending: str) -> tuple[Path, int]:
    """Return the file behind a name, and its rank among files with the same content; the lowest is taken.

    Kaggle's archive has a folder of each name with the file inside. Whatever else is no regular file, such
    as a link to nowhere, comes last: if nothing better is found, opening it raises an error that says so.
    """
    if path.is_file():
        return path, _ENDINGS.index(ending)
    if (path / path.name).is_file():
        return path / path.name, len(_ENDINGS)
    return path, len(_ENDINGS) + 1


def one_set(found: list[IdxFiles], folder: Path, chosen: str) -> IdxFiles:
    """Return the set to read: the chosen one, or the only one.

    Parameters
    ----------
    found : list of IdxFiles
        From `find_idx`; not empty.
    folder : Path
        Where they were searched, for errors.
    chosen : str
        Name of a set, such as ``"emnist-letters"``, or empty.

    Raises
    ------
    DataError
        If there are several, or the chosen one is missing, or it lacks files.
    """
    fitting = [one for one in found if not chosen or one.prefix == prefix_of(chosen)]
    complete = [one for one in fitting if one.complete]
    here = [one for one in complete if one.folder == complete[0].folder]
    plain = [one for one in here if not one.prefix]
    if len(here) > 1 and not plain:
        names = [one.prefix.removesuffix("-") for one in here]
        raise DataError(
            f"{shown(folder)}: expected one set of IDX files, found {', '.join(names)}; "
            f"give one of them: {shown(folder)}:{names[0]}"
        )
    if complete:
        return (plain or complete)[0]
    if not fitting:
        raise DataError(
            f"{shown(folder)}: expected the files {prefix_of(chosen)}train-images-idx3-ubyte, ..., found "
            "others; "
            f"leave out {chosen!r}, or give the folder of these files"
        )
    raise DataError(
        f"{shown(folder)}: expected four IDX files, plain or .gz, found no {', '.join(fitting[0].missing)}; "
        "add the missing files"
    )


def prefix_of(name: str) -> str:
    """Return what the names of a set's IDX files begin with."""
    return PUBLISHED[name].prefix if name in PUBLISHED else f"{name}-"
