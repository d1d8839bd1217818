"""Dataclasses to what JSON can carry and back, strictly: what does not fit is refused by name."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

from tenfold.errors import CheckpointError


def encode(value: object) -> Any:
    """Dataclasses and named tuples as JSON objects, other tuples as arrays."""
    if dataclasses.is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return {name: encode(part) for name, part in zip(value._fields, value, strict=True)}
        return [encode(part) for part in value]
    return value


def decode(kind: Any, value: Any, what: str) -> Any:
    """Build a value of the annotated type ``kind`` from parsed JSON."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _optional(kind, value, what)
    if origin is tuple:
        return _tuple(get_args(kind), value, what)
    if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
        return _record(kind, value, what)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise CheckpointError(
            f"{what}: expected {kind.__name__}, got {type(value).__name__}; write the file again"
        )
    return value


def _optional(kind: Any, value: Any, what: str) -> Any:
    if value is None:
        return None
    (inner,) = [part for part in get_args(kind) if part is not type(None)]
    return decode(inner, value, what)


def _tuple(parts: tuple[Any, ...], value: Any, what: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise CheckpointError(f"{what}: expected an array, got {type(value).__name__}; write the file again")
    if parts[-1] is Ellipsis:
        return tuple(decode(parts[0], item, f"{what}[{i}]") for i, item in enumerate(value))
    if len(parts) != len(value):
        raise CheckpointError(f"{what}: expected {len(parts)} values, got {len(value)}; write the file again")
    return tuple(
        decode(part, item, f"{what}[{i}]") for i, (part, item) in enumerate(zip(parts, value, strict=True))
    )


def _record(kind: Any, value: Any, what: str) -> Any:
    hints = get_type_hints(kind)
    if not isinstance(value, Mapping):
        raise CheckpointError(f"{what}: expected an object, got {type(value).__name__}; write the file again")
    if set(value) != set(hints):
        missing, unknown = sorted(set(hints) - set(value)), sorted(set(value) - set(hints))
        raise CheckpointError(
            f"{what}: expected its own keys, got missing {missing} and unknown {unknown}; "
            "write the file again with this version"
        )
    return kind(**{name: decode(part, value[name], f"{what}.{name}") for name, part in hints.items()})
