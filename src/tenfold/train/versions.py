"""The versions of the libraries and the processor, on which the bits of a run depend."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import Any

import tenfold
from tenfold.machine import processor

_PACKAGES = ("numpy", "numba", "llvmlite")


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of Python and the numeric libraries, without importing these, and the processor.

    Compiled code depends on the processor: one with other vector registers adds in another order.
    """
    found = {"tenfold": tenfold.__version__, "python": platform.python_version(), "processor": processor()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def changes(saved: Any, now: Mapping[str, str]) -> str:
    """Return what differs between the saved versions and those of now, in words; empty if nothing does.

    Examples
    --------
    >>> changes({"numpy": "2.3.1", "python": "3.12.1"}, {"numpy": "2.4.0", "python": "3.12.1"})
    'numpy 2.3.1, now 2.4.0'
    """
    before = saved if isinstance(saved, dict) else {}
    names = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
    return "; ".join(
        f"{name} {before.get(name, 'unknown')}, now {now.get(name, 'unknown')}" for name in names
    )
