"""What a layout of image data is, and what comes of reading one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from tenfold.data.corpus import Corpus
from tenfold.data.dataset import Dataset
from tenfold.data.kept_pictures import Size, size_of
from tenfold.data.published import MNIST
from tenfold.data.published_folder import free_name, is_mnist, renamed
from tenfold.data.splits import split
from tenfold.errors import DataError
from tenfold.files import shown

OWN_SEED = 0  # splits a source without a test set
OWN_TEST = 1 / 7  # fraction of the test set, as in MNIST: 10,000 of 70,000

Notify = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """What is to be read.

    Parameters
    ----------
    path : Path
    part : str
        What was written after the path and a colon, such as the column of labels; empty without one.
    name : str
        Of the corpus.
    notify : callable
        Called with one line that the user should see.
    """

    path: Path
    part: str
    name: str
    notify: Notify

    @property
    def origin(self) -> str:
        """The path and the part, as they were given."""
        return f"{shown(self.path)}:{self.part}" if self.part else shown(self.path)

    @property
    def size(self) -> Size | None:
        """Height and width, if the part says so.

        Raises
        ------
        DataError
            If the part is something else.
        """
        size = size_of(self.part) if self.part else None
        if self.part and size is None:
            raise DataError(
                f"{self.origin}: expected a height and width of at most 1024, found {self.part!r}; "
                f"give for instance {shown(self.path)}:32x32"
            )
        return size


class Fit(IntEnum):
    """How well a path fits a layout."""

    none = 0
    partly = 1
    wholly = 2


@dataclass(frozen=True)
class Layout:
    """A reader of one layout.

    Parameters
    ----------
    what : str
        What it reads, in the error that lists all of them.
    recognises : callable
        Return how well a path fits, by looking at the files.
    read : callable
        Read a `Source`; raise `DataError` if it is incomplete or damaged.
    """

    what: str
    recognises: Callable[[Path], Fit]
    read: Callable[[Source], Corpus]


def whole(found: object) -> Fit:
    """Return that a path fits wholly if something was found."""
    return Fit.wholly if found else Fit.none


def corpus_from(sets: list[Dataset], source: Source) -> Corpus:
    """Return a training and a test set as a corpus; without a test set, one is split off."""
    if len(sets) == 1:
        return own_split(sets[0], source)
    train, test = sets
    return renamed(train, test, MNIST if is_mnist(train, test) else free_name(train), source.origin)


def own_split(whole_set: Dataset, source: Source) -> Corpus:
    """Split a data set into training and test set: seeded and stratified."""
    test_size = round(len(whole_set) * OWN_TEST)
    if test_size == 0:
        raise DataError(f"{shown(source.path)}: expected at least 4 images, found {len(whole_set)}; add more")
    train, test = split(whole_set, (len(whole_set) - test_size, test_size), OWN_SEED)
    return replace(renamed(train, test, free_name(train), source.origin), split="held-out")
