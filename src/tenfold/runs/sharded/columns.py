"""The columns of answers: their names, and whether they hold whole numbers, fractions or text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

Row: TypeAlias = tuple[Any, ...]
"""One image's values, in the order of the columns; None where there is none."""


class Column(NamedTuple):
    """A column."""

    name: str
    kind: type[int] | type[float] | type[str]


INDEX, FILE, ERROR = Column("index", int), Column("file", str), Column("error", str)

IMAGES = (
    *(INDEX, FILE, Column("row", int)),
    *(Column("predicted", str), Column("probability", float), Column("reason", str), ERROR),
)
"""Of images that a network takes as they are."""

DIGITS = (
    *(INDEX, FILE, Column("text", str), Column("least_probability", float)),
    *(Column("reason", str), Column("modified", str), ERROR),
)
"""Of pictures in which digits are found."""

CLASSES = (
    *(INDEX, FILE, Column("class", str), Column("probability", float)),
    *(Column("reason", str), Column("modified", str), ERROR),
)
"""Of pictures that are classified as a whole."""


def with_probabilities(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of images with one for each class before the last, which says errors."""
    return (*IMAGES[:-1], *(Column(f"p_{name}", float) for name in names), ERROR)
