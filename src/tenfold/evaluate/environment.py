"""The machine and the versions that a figure was measured with."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from tenfold.machine import processor

_PACKAGES = ("tenfold", "numpy", "numba", "scipy", "scikit-learn")


@dataclass(frozen=True)
class Environment:
    """Where something was measured.

    Attributes
    ----------
    machine : str
        Model of the processor.
    cores : int
        Logical processors that this process may use.
    system : str
        Operating system and architecture.
    versions : tuple of (str, str)
        Package and version, Python first; packages that are not installed are left out.
    """

    machine: str
    cores: int
    system: str
    versions: tuple[tuple[str, str], ...]

    @property
    def file_words(self) -> str:
        """The machine as a part of a file's name.

        >>> Environment("AMD EPYC Processor", 2, "Linux x86_64", ()).file_words
        'amd-epyc-2-cores'
        """
        words = re.sub(r"\((r|tm)\)|processor|cpu", " ", self.machine.lower())
        return "-".join([*re.findall(r"[a-z0-9]+", words), f"{self.cores}-cores"])


def environment() -> Environment:
    """Describe this machine without importing any of the packages named."""
    system = f"{platform.system()} {platform.machine()}"
    return Environment(processor(), _cores(), system, _versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Return the versions; a process keeps those that it has loaded."""
    versions = [("python", platform.python_version())]
    for package in _PACKAGES:
        try:
            versions.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            continue
    return tuple(versions)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
