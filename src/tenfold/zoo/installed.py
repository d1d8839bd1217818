"""Models of installed packages: each is an entry point in the group ``tenfold.models``."""

from __future__ import annotations

from collections.abc import Mapping

from tenfold.errors import ConfigError
from tenfold.registry import installed
from tenfold.zoo.entry import Entry
from tenfold.zoo.own_model import Builder, entry_of

GROUP = "tenfold.models"


def installed_models() -> dict[str, str]:
    """Return the names of the models that packages offer, each with the package."""
    from importlib.metadata import entry_points

    return {point.name: _package(point) for point in sorted(entry_points(group=GROUP), key=lambda x: x.name)}


def installed_entry(name: str) -> Entry | None:
    """Return the entry of a model that a package offers, or None.

    The entry point leads to a function as in a file for ``--network``, or to an `Entry`.

    Raises
    ------
    ConfigError
        If it leads to something else, or two packages offer the same name.
    """
    found = installed(GROUP, name)
    if not found:
        return None
    if len(found) > 1:
        raise ConfigError(
            f"{name}: expected one package with a model of this name, found {len(found)}; remove one"
        )
    source: Mapping[str, str] = {"package": installed_models()[name], "entry_point": f"{GROUP}:{name}"}
    [offered] = found
    if isinstance(offered, Entry):
        return offered
    if not callable(offered):
        raise ConfigError(
            f"{name}: expected an entry point to a function that returns a network, "
            f"got {type(offered).__name__}; repair the package {source['package']}"
        )
    return entry_of(Builder(name, name, offered, (), source))


def _package(point: object) -> str:
    dist = getattr(point, "dist", None)
    return "unknown" if dist is None else f"{dist.name} {dist.version}"
