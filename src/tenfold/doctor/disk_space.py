"""Checks that the folders are writable and have space."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tenfold.doctor.check_result import Check, Notify, State, megabytes
from tenfold.files import os_error_text, shown
from tenfold.folders import CACHE_VARIABLE, cache_folder

_AREA = "folders"
_TOO_LITTLE, _LITTLE = 50e6, 500e6  # bytes free; MNIST takes 12 MB, a run a few MB for each epoch it keeps


def examine(notify: Notify) -> Iterator[Check]:
    """Write a file to the cache and to the folder of runs, and check the free space."""
    for name, path, elsewhere in (
        ("cache", cache_folder(), f"set {CACHE_VARIABLE} to another folder"),
        ("runs", Path("runs"), "work in another folder, or train with --out"),
    ):
        yield _result(name, path.absolute(), elsewhere)


def _result(name: str, path: Path, elsewhere: str) -> Check:
    place = next(
        one for one in (path, *path.parents) if os.path.lexists(one)
    )  # missing folders are created here
    try:
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as error:
        found = f"{name}: {shown(path)}: not writable ({os_error_text(error)})"
        return Check(_AREA, State.fault, found, f"make it writable, or {elsewhere}")
    found = f"{name}: {shown(path)}: {megabytes(free)} free"
    if free >= _LITTLE:
        return Check(_AREA, State.ok, found)
    return Check(
        _AREA, State.fault if free < _TOO_LITTLE else State.note, found, f"free some space, or {elsewhere}"
    )
