"""The machine that computes."""

from __future__ import annotations

import os
import platform
from collections.abc import Collection
from pathlib import Path


def busy_seconds(cpus: Collection[int], stat: Path = Path("/proc/stat")) -> float | None:
    """Return for how many seconds processors have worked since the machine started, for whomever.

    Parameters
    ----------
    cpus : collection of int
        Their numbers.

    Returns
    -------
    float or None
        ``None`` where the system does not tell, as elsewhere than on Linux.

    References
    ----------
    proc_stat(5)
    """
    try:
        lines = stat.read_text(encoding="ascii", errors="replace").splitlines()
        ticks = {
            int(name[3:]): list(map(int, rest)) for name, *rest in map(str.split, lines) if name[3:].isdigit()
        }
        tick = os.sysconf("SC_CLK_TCK")
        # user nice system idle iowait irq softirq steal, then guests, who are counted in user and nice
        return sum(sum(ticks[cpu][:3]) + sum(ticks[cpu][5:8]) for cpu in cpus) / tick
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the model of the processor, as well as the operating system knows it."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return " ".join(value.split())
    return platform.processor() or platform.machine() or "unknown processor"
