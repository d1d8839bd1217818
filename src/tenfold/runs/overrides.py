"""Changes to a model that are given for one command: ``--set``, ``--lr``, ``--batch-size``, ``--config``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.files import read_toml
from tenfold.predict import RECORD
from tenfold.quoting import quoted
from tenfold.registry import unknown
from tenfold.runs.record import read_record
from tenfold.zoo.changes import KNOWN, changed

if TYPE_CHECKING:
    from tenfold.zoo import Trainable

MAX_BYTES = 2**16


def overridden(
    entry: Trainable,
    sets: Sequence[str] = (),
    *,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    config: Path | None = None,
) -> Trainable:
    """Return a network's entry with changes; the more special ones win: ``config``, ``sets``, the others.

    Parameters
    ----------
    entry : Trainable
    sets : sequence of str
        Each ``NAME=VALUE`` as in a file of changes: ``recipe.learning_rate=3e-4``,
        ``network.fc1.c_out=100``. A name without its table is one of the recipe.
    learning_rate, batch_size : optional
        Of the recipe.
    config : Path, optional
        A finished run, whose recipe is taken, or a TOML file with the tables ``recipe`` and ``network``.

    Raises
    ------
    ConfigError, RangeError, ShapeError
        If a name or a value cannot be used, or the entry is not a network.
    CheckpointError
        If ``config`` names a run that cannot be read.

    Examples
    --------
    >>> from tenfold.zoo import entry
    >>> overridden(entry("nn1l"), ["recipe.optimizer.weight_decay=0.01"], batch_size=64).recipe().batch_size
    64
    """
    numbers = {"learning_rate": learning_rate, "batch_size": batch_size}
    options = {name: value for name, value in numbers.items() if value is not None}
    settings = merged(
        {} if config is None else read_settings(config),
        *map(setting, sets),
        {"recipe": options} if options else {},
    )
    return changed(entry, settings) if settings else entry


def setting(given: str) -> dict[str, Any]:
    """Return what ``NAME=VALUE`` says, as nested tables.

    Raises
    ------
    ConfigError
        If it is anything else.

    Examples
    --------
    >>> setting("recipe.learning_rate=3e-4"), setting("choose=best")
    ({'recipe': {'learning_rate': 0.0003}}, {'recipe': {'choose': 'best'}})
    """
    name, equals, value = (part.strip() for part in given.partition("="))
    path = name.split(".")
    if not equals or not value or not all(path):
        raise ConfigError(f"--set: expected NAME=VALUE, got {quoted(given)}; for instance recipe.epochs=5")
    return nested(path if path[0] in KNOWN else ["recipe", *path], _value(value))


def nested(path: Iterable[str], value: Any) -> dict[str, Any]:
    """Return the tables in which ``value`` has this path."""
    first, *others = path
    return {first: nested(others, value) if others else value}


def read_settings(path: Path) -> dict[str, Any]:
    """Return the changes that a file makes: a finished run's whole recipe, or the tables of a TOML file.

    Raises
    ------
    ConfigError, CheckpointError
        If it is neither.
    """
    if path.suffix != ".toml":
        folder = path.parent if path.name == RECORD else path
        return {"recipe": _as_settings(read_record(folder).recipe)}
    found = read_toml(path, MAX_BYTES)
    for key in found:
        if key not in KNOWN:
            raise unknown(f"table in {path}:", key, KNOWN)
    return found


def _as_settings(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe's configuration as changes: all its options, without the label of the protocol."""
    return {key: _as_setting(value) for key, value in recipe.items() if key != "protocol"}


def _as_setting(value: Any) -> Any:
    if value is None:
        return False
    if isinstance(value, Mapping) and value.keys() == {"kind", "config"}:
        return {"kind": value["kind"], **value["config"]}
    return value


def _value(text: str) -> Any:
    """Return a value as TOML writes it; a word without quotes is a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def merged(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested tables in one; of two values with the same name, the later.

    Examples
    --------
    >>> merged({"recipe": {"epochs": 3, "choose": "best"}}, {"recipe": {"epochs": 5}})
    {'recipe': {'epochs': 5, 'choose': 'best'}}
    """
    into: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            both = isinstance(value, Mapping) and isinstance(into.get(key), Mapping)
            into[key] = merged(into[key], value) if both else value
    return into
