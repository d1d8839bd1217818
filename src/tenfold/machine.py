"""Information about this machine and about the commit of the source."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Collection
from functools import cache
from pathlib import Path

_CHECKOUT = Path(__file__).parent.parent.parent


def busy_seconds(cpus: Collection[int], stat: Path = Path("/proc/stat")) -> float | None:
    """Return the busy time of processors since the machine started, for all processes together.

    Parameters
    ----------
    cpus : collection of int
        Their numbers.

    Returns
    -------
    float or None
        Seconds; ``None`` where the system does not report it (only Linux does).

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
        # columns: user nice system idle iowait irq softirq steal; guests are included in user and nice
        return sum(sum(ticks[cpu][:3]) + sum(ticks[cpu][5:8]) for cpu in cpus) / tick
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the model of the processor, as the operating system reports it."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return " ".join(value.split())
    return platform.processor() or platform.machine() or "unknown processor"


@cache  # the code that runs is that of the commit at the start, whatever is checked out later
def commit(checkout: Path = _CHECKOUT) -> str | None:
    """Return the commit of the checkout that this package runs from, with ``+`` if ``src`` was changed.

    Returns
    -------
    str or None
        ``None`` for an installed package, or where git is not there.
    """
    if not (checkout / ".git").exists():
        return None
    try:
        head = _git(checkout, "rev-parse", "--short=12", "HEAD")
        changed = _git(checkout, "status", "--porcelain", "--", "src")
    except (OSError, subprocess.SubprocessError):
        return None
    return head + ("+" if changed else "")


def _git(checkout: Path, *arguments: str) -> str:
    command = ["git", "-C", str(checkout), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
