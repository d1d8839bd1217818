"""Dataclasses to what JSON can carry."""

from __future__ import annotations

import dataclasses
from typing import Any


def encode(value: object) -> Any:
    """Dataclasses and named tuples as JSON objects, other tuples as arrays."""
    if dataclasses.is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return {name: encode(part) for name, part in zip(value._fields, value, strict=True)}
        return [encode(part) for part in value]
    return value
