"""What is fuzzed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A reader, and sound inputs to begin with.

    The first byte of an input chooses how the others are used.
    """

    call: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
