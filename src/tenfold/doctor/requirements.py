"""What tenfold's own metadata requires, held against what is installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement

PACKAGE = "tenfold"


@dataclass(frozen=True)
class Unmet:
    """A requirement in pip's notation, and the version that was found."""

    wanted: str
    found: str


def unmet(extra: str = "") -> list[Unmet]:
    """Return the requirements of an extra that are not met; without one, those of tenfold itself."""
    missing = []
    for line in metadata.requires(PACKAGE) or ():
        one = Requirement(line)
        if _belongs(one, extra):
            found = installed(one.name)
            if found is None or not one.specifier.contains(found, prereleases=True):
                missing.append(Unmet(f"{one.name}{one.specifier}", found or "nothing"))
    return missing


def installed(package: str) -> str | None:
    """Return a package's version, without importing it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _belongs(one: Requirement, extra: str) -> bool:
    if one.marker is None:
        return not extra
    return one.marker.evaluate({"extra": extra}) and not (extra and one.marker.evaluate({"extra": ""}))
