"""A kind of picture: what it is called, how one is made, how many are looked at."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from case import Case
from numpy.random import Generator

DEVELOPMENT, FINAL = 1, 2  # seeds: what is looked at while building, and what is shown in the end


@dataclass(frozen=True)
class Kind:
    """A line of the table.

    Attributes
    ----------
    group, name : str
        Where it stands, and what is special about it.
    draw : callable
        Makes one picture.
    pictures : int
        How many are drawn.
    note : str
        What somebody should know who reads the table.
    """

    group: str
    name: str
    draw: Callable[[Generator], Case]
    pictures: int
    note: str = ""

    def case(self, seed: int, index: int) -> Case:
        """Return picture ``index`` of this kind; the same for the same seed, whatever else was drawn."""
        name = zlib.crc32(f"{self.group}/{self.name}".encode())
        return self.draw(np.random.default_rng([seed, name, index]))
