"""What is installed, and whether it is new enough."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata

from packaging.specifiers import SpecifierSet

from tenfold import __version__
from tenfold.doctor.check_result import Check, Notify, State
from tenfold.doctor.requirements import PACKAGE, installed, unmet

_AREA = "versions"
_NAMES = {"NumPy": "numpy", "Numba": "numba", "llvmlite": "llvmlite"}


def examine(notify: Notify) -> Iterator[Check]:
    """Tell the versions of what computes, and each package that is missing or too old."""
    packages = ", ".join(f"{name} {installed(package) or 'missing'}" for name, package in _NAMES.items())
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    python = platform.python_version()
    yield Check(_AREA, State.ok, f"tenfold {__version__}, Python {python}, {packages}, {system}")
    wanted = metadata.metadata(PACKAGE)["Requires-Python"]
    if not SpecifierSet(wanted).contains(python, prereleases=True):
        yield Check(_AREA, State.fault, f"expected Python {wanted}, found {python}", "use a newer Python")
    for one in unmet():
        found = f"expected {one.wanted}, found {one.found}"
        yield Check(_AREA, State.fault, found, f"install it: pip install '{one.wanted}'")
