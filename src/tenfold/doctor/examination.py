"""Runs all checks; a check that raises an exception is reported as a fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType

from tenfold.doctor.check_result import Check, Notify, State
from tenfold.quoting import message

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "versions": "packages.examine_versions",
        "processor": "processor.examine",
        "compile cache": "compile_cache.examine",  # before the engine, which replaces damaged files
        "engine": "compiled_engine.examine",
        "devices": "devices.examine",
        "data": "data_sources.examine",
        "extras": "packages.examine_extras",
        "folders": "system.examine_folders",
        "port": "system.examine_port",
        "terminal": "system.examine_terminal",
    }
)
"""Area -> module and function that check it."""


def examine(notify: Notify = lambda line: None) -> Iterator[Check]:
    """Run all checks.

    Parameters
    ----------
    notify : callable
        Called with one line before a slow check.

    Yields
    ------
    Check
        Each as soon as it is done. An exception in a check is reported as a fault of its area, and the next
        check runs.
    """
    for area, place in AREAS.items():
        module, function = place.split(".")
        try:
            yield from getattr(import_module(f"tenfold.doctor.{module}"), function)(notify)
        except Exception as error:  # a broken installation can fail anywhere; the other checks still run
            yield failed(area, error)


def failed(area: str, error: Exception) -> Check:
    """Return the fault for a check that raised an exception."""
    found = f"this check failed: {type(error).__name__}: {message(error)}"
    advice = (
        "install tenfold again" if isinstance(error, ImportError) else "report this line to the developers"
    )
    return Check(area, State.fault, found, advice)
