"""The kinds of things that a path can lead to."""

from __future__ import annotations

import stat

_KINDS = (
    (stat.S_ISREG, "a file"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def kind(mode: int) -> str:
    """Return what a file's mode says that it is, in words."""
    return next((name for test, name in _KINDS if test(mode)), "something else")
