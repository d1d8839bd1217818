"""Checks that the engine compiles and agrees with the definition."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from tenfold.backend.cpu import cache_folder
from tenfold.doctor.check_result import Check, Notify, State
from tenfold.doctor.step import TOLERANCE

_AREA = "engine"
_SECONDS = 600.0  # to compile on a slow machine
_AGAIN = "remove the compile cache and unset variables that begin with NUMBA_, then try again"


def examine(notify: Notify) -> Iterator[Check]:
    """Run one training step in a separate process, because bad compiled code can crash it silently."""
    place = cache_folder.folder()
    if place is None or not cache_folder.inspect(place).files:
        notify("compiling the engine for this processor; it takes about 30 seconds")
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tenfold.doctor.step"],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield Check(_AREA, State.fault, f"one training step took more than {_SECONDS:g} s", _AGAIN)
        return
    yield _result(done)


def _result(done: subprocess.CompletedProcess[bytes]) -> Check:
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        return Check(_AREA, State.fault, f"one training step ended with {name}", _AGAIN)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "no error message")
        return Check(_AREA, State.fault, f"one training step failed: {last}", _AGAIN)
    found = json.loads(done.stdout)
    words = f"one training step on {found['name']} differs from the definition by {found['difference']:.0e}"
    if found["difference"] < TOLERANCE:  # also False for NaN
        return Check(_AREA, State.ok, words)
    return Check(_AREA, State.fault, f"{words}, more than {TOLERANCE:.0e}", _AGAIN)
