"""A target of the fuzzing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A reader, and valid inputs to start from.

    The first byte of an input chooses how the others are used.
    """

    call: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
