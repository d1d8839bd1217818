"""What one check found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class State(StrEnum):
    """How something is."""

    ok = "ok"
    note = "note"  # it works, and is worth knowing
    fault = "fault"  # something does not work


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    area : str
        What it is about, in a word or two.
    state : State
    found : str
        One line.
    advice : str
        What to do, where something can be done.
    """

    area: str
    state: State
    found: str
    advice: str = ""


Notify: TypeAlias = Callable[[str], None]
Examiner: TypeAlias = Callable[[Notify], Iterator[Check]]
"""Looks at one area; it is given whom to tell before it does something that takes long."""
