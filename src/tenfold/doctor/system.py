"""Checks of the system: folders, the server's port, the terminal."""

from __future__ import annotations

import codecs
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tenfold.doctor.check_result import Check, Notify, State, megabytes
from tenfold.files import os_error_text, shown
from tenfold.folders import CACHE_VARIABLE, cache_folder

PORT = 8000  # the default of ``tenfold serve``
_TOO_LITTLE, _LITTLE = 50e6, 500e6  # bytes free; MNIST takes 12 MB, a run a few MB for each epoch it keeps


def examine_folders(notify: Notify) -> Iterator[Check]:
    """Write a file to the cache and to the folder of runs, and check the free space."""
    for name, path, elsewhere in (
        ("cache", cache_folder(), f"set {CACHE_VARIABLE} to another folder"),
        ("runs", Path("runs"), "work in another folder, or train with --out"),
    ):
        yield _folder(name, path.absolute(), elsewhere)


def _folder(name: str, path: Path, elsewhere: str) -> Check:
    existing = next(one for one in (path, *path.parents) if os.path.lexists(one))
    try:
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free
    except OSError as error:
        found = f"{name}: {shown(path)}: not writable ({os_error_text(error)})"
        return Check("folders", State.fault, found, f"make it writable, or {elsewhere}")
    found = f"{name}: {shown(path)}: {megabytes(free)} free"
    if free >= _LITTLE:
        return Check("folders", State.ok, found)
    state = State.fault if free < _TOO_LITTLE else State.note
    return Check("folders", state, found, f"free some space, or {elsewhere}")


def examine_port(notify: Notify) -> Iterator[Check]:
    """Bind the port, as the server would, and release it."""
    with socket.socket() as listening:
        if os.name != "nt":  # on Windows this option would take a port that is in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", PORT))
        except OSError as error:
            advice = "tenfold serve --port 0 takes a free port"
            yield Check("port", State.note, f"{PORT} cannot be used: {os_error_text(error)}", advice)
        else:
            yield Check("port", State.ok, f"{PORT} is free for tenfold serve")


def examine_terminal(notify: Notify) -> Iterator[Check]:
    """Report the encoding of stdout."""
    name = getattr(sys.stdout, "encoding", None) or "utf-8"
    if codecs.lookup(name).name == "utf-8":
        yield Check("terminal", State.ok, "UTF-8, which has all characters")
    else:
        found = f"{name}: other characters are shown as ?"
        yield Check("terminal", State.note, found, "set PYTHONUTF8=1 for UTF-8")
