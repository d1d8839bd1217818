"""One colour a model: eight of them, then the same with hollow dots."""

from __future__ import annotations

COLOURS = 8


def colour(place: int) -> str:
    """The class of the model at a place in the comparison."""
    hollow = " hollow" if place // COLOURS % 2 else ""
    return f"k{place % COLOURS}{hollow}"
