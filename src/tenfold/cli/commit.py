"""Which state of the source is running, where that can be known."""

from __future__ import annotations

import subprocess
from pathlib import Path

_CHECKOUT = Path(__file__).parent.parent.parent.parent


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
