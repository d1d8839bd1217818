"""The file of an ablation: a base, and changes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

from tenfold.errors import ConfigError, TenfoldError
from tenfold.files import parse_toml, read_toml
from tenfold.quoting import quoted
from tenfold.registry import unknown
from tenfold.zoo import Entry, entry
from tenfold.zoo.changes import KNOWN, changed

MAX_BYTES = 2**16
_FILE = ("title", "source", "base", "published", "chain", "change")
_CHANGE = ("name", "entry", "published", *KNOWN)

Find: TypeAlias = Callable[[str], Entry]
"""Returns the entry of a model's name."""


@dataclass(frozen=True)
class Variant:
    """One network that is trained: the base, or the base with a change.

    Attributes
    ----------
    name : str
        Its name, unique in its ablation.
    entry : Entry
        What is trained; it has the name of the entry that it came from.
    plain : bool
        Whether it is an entry without a change.
    against : int or None
        The place of the variant that it is compared with; ``None`` for the base.
    published : float or None
        The accuracy that authors report: from the file, or of the unchanged entry of the zoo.
    """

    name: str
    entry: Entry
    plain: bool
    against: int | None
    published: float | None = None


@dataclass(frozen=True)
class Ablation:
    """A base and the changes to it, in the file's order.

    Attributes
    ----------
    title : str
    chain : bool
        Whether each change includes all those before it, and is compared with the one before; otherwise each
        is made alone, and compared with the base.
    variants : tuple of Variant
        The base first.
    source : str or None
        Where the published accuracies are from, and how they were measured.
    """

    title: str
    chain: bool
    variants: tuple[Variant, ...]
    source: str | None = None

    @property
    def is_published(self) -> bool:
        """Whether authors report the accuracy of any change."""
        return any(variant.published is not None for variant in self.variants[1:])


def read_ablation(file: Path | str, find: Find = entry, base: str | None = None) -> Ablation:
    """Read an ablation's file.

    Parameters
    ----------
    file : path or str
        A TOML file, or the name of one that comes with tenfold, such as ``"mlp"``; see `shipped`.
    find : callable
        Returns the entry of a model that the file names.
    base : str, optional
        The base of a file that names none.

    Raises
    ------
    ConfigError
        If it cannot be read or understood.
    """
    found = _content(file)
    try:
        return _ablation(found, find, base)
    except TenfoldError as error:
        raise ConfigError(f"{file}: {error}") from error


def shipped() -> dict[str, str]:
    """Return the text of every ablation that comes with tenfold, by name."""
    folder = files("tenfold.evaluate.ablation").joinpath("chains")
    every = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): file.read_text("utf-8")
        for file in every
        if file.name[-5:] == ".toml"
    }


def _content(file: Path | str) -> dict[str, Any]:
    """Return what a file says, or an ablation that comes with tenfold."""
    name, known = str(file), shipped()
    if Path(file).suffix == ".toml":
        return read_toml(Path(file), MAX_BYTES)
    if name not in known:
        raise unknown("ablation", name, [*known, "FILE.toml"])
    return parse_toml(known[name], where=name)


def _ablation(found: Mapping[str, Any], find: Find, base: str | None) -> Ablation:
    _check_keys("", found, _FILE)
    base, chain = _of(found, "base", str, base), _of(found, "chain", bool, False)
    changes = found.get("change")
    if not isinstance(changes, list) or not changes or not all(isinstance(one, dict) for one in changes):
        raise ConfigError("expected at least one [[change]], got none; add a change")
    variants = [_plain(find(base), found, None)]
    for number, change in enumerate(changes, start=1):
        variants.append(_variant(f"change {number}: ", change, variants, chain, find))
    names = [variant.name for variant in variants]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"expected every name once, got {quoted(name)} twice; rename one")
    source = _of(found, "source", str) if "source" in found else None
    return Ablation(_of(found, "title", str, base), chain, tuple(variants), source)


def _plain(found: Entry, table: Mapping[str, Any], against: int | None) -> Variant:
    """An unchanged entry, with its published accuracy unless the file has another."""
    name = _of(table, "name", str, found.name)
    own = None if found.published is None else found.published.accuracy
    return Variant(name, found, True, against, _published(table, own))


def _published(table: Mapping[str, Any], otherwise: float | None) -> float | None:
    accuracy = table.get("published", otherwise)
    if accuracy is not None and not (isinstance(accuracy, float) and 0 <= accuracy <= 1):
        raise ConfigError(f"published: expected an accuracy from 0.0 to 1.0, got {quoted(accuracy)}; set it")
    return accuracy


def _variant(
    where: str, change: Mapping[str, Any], variants: list[Variant], chain: bool, find: Find
) -> Variant:
    _check_keys(where, change, _CHANGE)
    settings = {key: change[key] for key in KNOWN if key in change}
    against = len(variants) - 1 if chain else 0
    if bool(settings) == ("entry" in change):
        raise ConfigError(
            f"{where}expected either entry or a change of {', '.join(KNOWN)}, got both or neither"
        )
    try:
        if "entry" in change:
            return _plain(find(_of(change, "entry", str)), change, against)
        name = _of(change, "name", str, ", ".join(_words(settings)))
        found = changed(variants[against].entry, settings)
        return Variant(name, found, False, against, _published(change, None))
    except TenfoldError as error:
        raise ConfigError(f"{where}{error}") from error


def _words(settings: Mapping[str, Any], at: str = "") -> list[str]:
    """The settings as ``option = value``."""
    found = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found += _words(value, f"{at}{key}.")
        else:
            found.append(f"{at}{key} = {value}")
    return found


def _check_keys(where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise ConfigError(f"{where}{unknown('key', key, known)}")


def _of(table: Mapping[str, Any], key: str, kind: type, default: Any = None) -> Any:
    value = table.get(key, default)
    if not isinstance(value, kind) or value == "":
        kinds = {str: "a text", bool: "true or false"}
        raise ConfigError(f"{key}: expected {kinds[kind]}, got {quoted(value)}; set it")
    return value
