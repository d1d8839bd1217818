"""The packages that tenfold requires, and those of its extras: present and new enough?"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tenfold import __version__
from tenfold.doctor.check_result import Check, Notify, State

PACKAGE = "tenfold"
_NAMES = {"NumPy": "numpy", "Numba": "numba", "llvmlite": "llvmlite"}
_EXTRAS = {
    "serve": "tenfold serve",
    "onnx": "tenfold export",
    "tensorboard": "tenfold train --tensorboard",
    "parquet": "--data FILE.parquet",
    "tune": "tenfold tune",
    "referees": "comparing with PyTorch",
}


def examine_versions(notify: Notify) -> Iterator[Check]:
    """Report the main versions, and each package that is missing or too old."""
    packages = ", ".join(f"{name} {installed(package) or 'missing'}" for name, package in _NAMES.items())
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    python = platform.python_version()
    yield Check("versions", State.ok, f"tenfold {__version__}, Python {python}, {packages}, {system}")
    wanted = metadata.metadata(PACKAGE)["Requires-Python"]
    if not SpecifierSet(wanted).contains(python, prereleases=True):
        yield Check(
            "versions", State.fault, f"expected Python {wanted}, found {python}", "use a newer Python"
        )
    for one in unmet():
        found = f"expected {one.wanted}, found {one.found}"
        yield Check("versions", State.fault, found, f"install it: pip install '{one.wanted}'")


def examine_extras(notify: Notify) -> Iterator[Check]:
    """Report for each extra whether it is installed."""
    for extra, purpose in _EXTRAS.items():
        missing = unmet(extra)
        if not missing:
            yield Check("extras", State.ok, f"{extra}: installed, for {purpose}")
            continue
        lacking = ", ".join(f"{one.wanted} (found {one.found})" for one in missing)
        found = f"{extra}: not installed, for {purpose}: expected {lacking}"
        yield Check("extras", State.note, found, f"install it: pip install 'tenfold[{extra}]'")


@dataclass(frozen=True)
class Unmet:
    """A requirement in pip's syntax, and the version that is installed instead."""

    wanted: str
    found: str


def unmet(extra: str = "") -> list[Unmet]:
    """Return the unmet requirements of an extra; by default those of tenfold itself."""
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
