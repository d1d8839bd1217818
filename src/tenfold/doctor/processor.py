"""The processor, and how much of it there is for us."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tenfold.backend.cpu.threads import available
from tenfold.doctor.check import Check, Notify, State
from tenfold.machine import processor

_AREA = "processor"
_WIDEST_FIRST = {
    "avx512f": "AVX-512",
    "avx2": "AVX2",
    "avx": "AVX",
    "asimd": "NEON",
    "neon": "NEON",
    "sse2": "SSE2",
}
_OVERRIDES = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")
_GROUPS = Path("/sys/fs/cgroup")


def examine(notify: Notify) -> Iterator[Check]:
    """Tell the processor and its instructions, cores, load and limits."""
    cores = available()
    counted = f"{cores} core{'' if cores == 1 else 's'} of {os.cpu_count() or cores} available"
    yield Check(_AREA, State.ok, f"{processor()}, {instructions()}, {counted}")
    for name in _OVERRIDES:
        if os.environ.get(name):
            found = f"{name} is set: the engine is compiled for the processor that it names"
            yield Check(_AREA, State.note, found, f"unset {name} to use all instructions of this one")
    yield from _load(cores)
    limit = cpu_limit()
    if limit is not None and limit < cores:
        threads = max(1, int(limit))
        found = f"a limit of {limit:g} cores is set for this process (cgroup), fewer than the {cores} it sees"
        yield Check(_AREA, State.note, found, f"set NUMBA_NUM_THREADS={threads}")


def _load(cores: int) -> Iterator[Check]:
    if not hasattr(os, "getloadavg"):  # Windows
        return
    busy = os.getloadavg()[0]
    found = f"load {busy:.1f} in the last minute"
    if busy <= cores:
        yield Check(_AREA, State.ok, found)
    else:
        yield Check(_AREA, State.note, f"{found}, more than the cores", "measure times when less is running")


def instructions() -> str:
    """Return the widest vector instructions that the engine takes from this processor."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    names = [name for feature, name in _WIDEST_FIRST.items() if features.get(feature)]
    return names[0] if names else "no vector instructions"


def cpu_limit(groups: Path = _GROUPS, own: Path = Path("/proc/self/cgroup")) -> float | None:
    """Return how many cores' time the control groups of Linux leave to this process, or None.

    Each group that it is in may have a limit, up to the root; the least counts.
    """
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    name = next((line[3:] for line in lines if line.startswith("0::")), "/")
    folder = groups / name.strip("/")
    limits = [_limit(one / "cpu.max") for one in (folder, *folder.parents) if one.is_relative_to(groups)]
    return min((limit for limit in limits if limit is not None), default=None)


def _limit(path: Path) -> float | None:
    """Return the limit in a file that holds the time and the period, in microseconds."""
    try:
        time, period = path.read_text(encoding="utf-8").split()
        return int(time) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # "max": no limit
        return None
