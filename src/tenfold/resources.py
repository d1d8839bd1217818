"""What a training needs of the machine that it runs on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """What one unit of work is given.

    Attributes
    ----------
    cores : int
    memory : int
        MiB.
    minutes : int
        After so many it is ended; with a margin, as machines differ.
    """

    cores: int = 1
    memory: int = 2048
    minutes: int = 120
