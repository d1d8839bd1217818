"""What users of other libraries type by habit, and what to write instead: words for error texts alone."""

from __future__ import annotations

from tenfold.habits.calls import constructor, keywords, refusing
from tenfold.habits.command_line import COMMANDS, OPTIONS
from tenfold.habits.names import NotHere, callable_unit, each, module_names, no_attribute

__all__ = [
    "COMMANDS",
    "OPTIONS",
    "NotHere",
    "callable_unit",
    "constructor",
    "each",
    "keywords",
    "module_names",
    "no_attribute",
    "refusing",
]
