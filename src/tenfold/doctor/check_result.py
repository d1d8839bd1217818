"""The result of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

_AREA_WIDTH = 13


class State(StrEnum):
    """Result of a check."""

    ok = "ok"
    note = "note"  # it works, but the user should know
    fault = "fault"  # something does not work


@dataclass(frozen=True)
class Check:
    """The result of one check.

    Attributes
    ----------
    area : str
        Name of the area.
    state : State
    found : str
        The finding, in one line.
    advice : str
        What to do about it, if anything.
    """

    area: str
    state: State
    found: str
    advice: str = ""

    def __str__(self) -> str:
        advice = f"; {self.advice}" if self.advice else ""
        return f"{self.state:5}  {self.area:{_AREA_WIDTH}}  {self.found}{advice}"


Notify: TypeAlias = Callable[[str], None]
Examiner: TypeAlias = Callable[[Notify], Iterator[Check]]
"""Checks one area; it calls the given function before it does something slow."""


def number(count: int, noun: str) -> str:
    """Return a count with its noun in the singular or plural.

    Examples
    --------
    >>> number(1, "file"), number(2, "file")
    ('1 file', '2 files')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def megabytes(size: float) -> str:
    """Return a number of bytes in megabytes or gigabytes.

    Examples
    --------
    >>> megabytes(2_046_123), megabytes(81_000_000_000)
    ('2.0 MB', '81.0 GB')
    """
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"
