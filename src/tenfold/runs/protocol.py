"""How the choices of a run are made, and which images it watches."""

from __future__ import annotations

from enum import StrEnum


class Protocol(StrEnum):
    """How choices are made."""

    honest = "honest"
    published = "published"


class Watching(StrEnum):
    """Which images are evaluated after each epoch though no choice depends on them."""

    validation = "validation"
    test = "test"
    none = "none"
