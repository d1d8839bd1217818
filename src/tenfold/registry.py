"""Registries: the only way from a name, in a file or on the command line, to a class."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from tenfold.errors import ConfigError
from tenfold.quoting import quoted

T = TypeVar("T")


def snake_case(name: str) -> str:
    """Return a class's name as the name of its kind.

    Examples
    --------
    >>> snake_case("SoftSign"), snake_case("GELU2"), snake_case("MyConv2d")
    ('soft_sign', 'gelu2', 'my_conv2d')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def unknown(what: str, name: object, known: Iterable[str]) -> ConfigError:
    """Return the error for an unknown name; it suggests a similar one."""
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
    return ConfigError(f"unknown {what} {quoted(name)}; {advice}")


def lookup(what: str, name: object, registry: Mapping[str, T]) -> T:
    """Return ``registry[name]``.

    Raises
    ------
    ConfigError
        If there is no such name; the message suggests a similar one.
    """
    if not isinstance(name, str) or name not in registry:
        raise unknown(what, name, registry)
    return registry[name]


def construct(what: str, kind: object, config: Mapping[str, Any], registry: Mapping[str, type[T]]) -> T:
    """Construct the class that ``registry`` has for ``kind``, with the arguments in ``config``.

    Raises
    ------
    ConfigError
        If the kind or an argument is unknown, or a required argument is missing.
    """
    cls = lookup(what, kind, registry)
    if not isinstance(config, Mapping):
        raise ConfigError(f"{what} {kind!r}: expected options by name, got {quoted(config)}")
    parameters = inspect.signature(cls).parameters
    for key in config:
        if key not in parameters:
            raise unknown(f"option of {what} {kind!r}:", key, parameters)
    missing = [p.name for p in parameters.values() if p.default is p.empty and p.name not in config]
    if missing:
        raise ConfigError(f"{what} {kind!r} needs {', '.join(missing)}, found none; add it")
    return cls(**config)
