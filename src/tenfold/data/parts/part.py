"""One file of images: what it was like when it was found, so that a change is noticed."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from tenfold.errors import DataError
from tenfold.files import os_error_text, shown

Kind = Literal["idx", "npy", "npz", "parquet"]
Taken: TypeAlias = tuple[int, npt.NDArray[np.uint8] | DataError]
"""The place of an image in its file, from 0, and it and those that follow: uint8 (b, h, w) or (b, h, w, c);
or why that one image cannot be read."""


@dataclass(frozen=True)
class Part:
    """A file of images.

    Attributes
    ----------
    file : str
        Its path, as it was named.
    kind : str
        How it is read.
    member : str
        Which array of an ``.npz`` file, or column of a Parquet file, holds the images.
    images : int
        How many.
    group : int
        So many images are best read together: the rows of a row group; 1 where it does not matter.
    size, modified : int
        Bytes of the file, and when it was last written, in nanoseconds.
    """

    file: str
    kind: Kind
    member: str
    images: int
    group: int
    size: int
    modified: int

    @property
    def label(self) -> str:
        """Its name as it stands in messages and tables."""
        return shown(self.file) + (f": {shown(self.member)}" if self.kind == "npz" else "")

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return asdict(self)


def stamp(file: str) -> dict[str, int]:
    """Return a file's size and time, by their names in `Part`."""
    found = os.stat(file)
    return {"size": found.st_size, "modified": found.st_mtime_ns}


def check_unchanged(part: Part) -> None:
    """Refuse a file that has changed since it was found.

    Raises
    ------
    DataError
    """
    try:
        same = stamp(part.file) == {"size": part.size, "modified": part.modified}
        found = "it changed"
    except OSError as error:
        same, found = False, os_error_text(error)
    if not same:
        raise DataError(
            f"{shown(part.file)}: expected the file as it was when the prediction was begun, found {found}; "
            "put it back, or begin again with another --out"
        )
