"""All checks, one after the other; one that fails itself is a fault like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType

from tenfold.doctor.check_result import Check, Notify, State
from tenfold.quoting import message

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "versions": "installed_packages",
        "processor": "processor",
        "compile cache": "compile_cache",  # before the engine, which would compile what is damaged
        "engine": "compiled_engine",
        "data": "data_sources",
        "extras": "optional_packages",
        "folders": "disk_space",
        "port": "port",
        "terminal": "terminal",
    }
)
"""Area -> the module here whose ``examine`` looks at it."""


def examine(notify: Notify = lambda line: None) -> Iterator[Check]:
    """Look at everything.

    Parameters
    ----------
    notify : callable
        Told in one line before something takes long.

    Yields
    ------
    Check
        As each is done. Whatever a check raises is a fault of its area, and the next one is made.
    """
    for area, module in AREAS.items():
        try:
            yield from import_module(f"tenfold.doctor.{module}").examine(notify)
        except Exception as error:  # a broken installation breaks anywhere; what is left is still told
            yield failed(area, error)


def failed(area: str, error: Exception) -> Check:
    """Return the fault that a check is which could not be made."""
    found = f"this could not be checked: {type(error).__name__}: {message(error)}"
    advice = "install tenfold again" if isinstance(error, ImportError) else "give this line to its developers"
    return Check(area, State.fault, found, advice)
