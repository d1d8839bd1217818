"""Checks the processor: instructions, cores, load and limits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tenfold.backend.control_groups import OWN, ROOT, own_groups
from tenfold.backend.cpu.threads import available
from tenfold.doctor.check_result import Check, Notify, State
from tenfold.machine import processor

_AREA = "processor"
_OVERRIDES = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")


def examine(notify: Notify) -> Iterator[Check]:
    """Report the processor with its vector instructions, cores, load and limits."""
    cores = available()
    counted = f"{cores} core{'' if cores == 1 else 's'} of {os.cpu_count() or cores} available"
    yield Check(_AREA, State.ok, f"{processor()}, {instructions()}, {counted}")
    for name in _OVERRIDES:
        if os.environ.get(name):
            found = f"{name} is set: the engine is compiled for that processor"
            yield Check(_AREA, State.note, found, f"unset {name} to use all instructions of this processor")
    yield from _load(cores)
    limit = cpu_limit()
    if limit is not None and limit < cores:
        threads = max(1, int(limit))
        found = f"a limit of {limit:g} cores is set for this process (cgroup), fewer than its {cores} cores"
        yield Check(_AREA, State.note, found, f"set NUMBA_NUM_THREADS={threads}")


def _load(cores: int) -> Iterator[Check]:
    if not hasattr(os, "getloadavg"):  # Windows
        return
    busy = os.getloadavg()[0]
    found = f"load {busy:.1f} in the last minute"
    if busy <= cores:
        yield Check(_AREA, State.ok, found)
    else:
        yield Check(
            _AREA, State.note, f"{found}, more than the cores", "for timings, stop other programs first"
        )


def instructions() -> str:
    """Return the vector instructions that the engine is compiled for."""
    try:
        from tenfold.backend.cpu.instruction_set import instruction_set
    except ImportError:  # Numba is broken: the check of the engine reports it
        return "instructions unknown"
    return instruction_set().name


def cpu_limit(root: Path = ROOT, own: Path = OWN) -> float | None:
    """Return the limit on CPU time, in cores, from the control groups of Linux; None if there is none."""
    limits = [
        limit
        for group in own_groups("cpu", root, own)
        for limit in (
            _limit(group / "cpu.max"),
            _limit(group / "cpu.cfs_quota_us", group / "cpu.cfs_period_us"),
        )
        if limit is not None
    ]
    return min(limits, default=None)


def _limit(*files: Path) -> float | None:
    """Return the limit in files that hold a time and its period, in microseconds."""
    try:
        time, period = " ".join(file.read_text(encoding="utf-8") for file in files).split()
        return int(time) / int(period) if int(time) >= 0 else None  # -1 (version 1) means no limit
    except (OSError, ValueError, ZeroDivisionError):  # "max" means no limit
        return None
