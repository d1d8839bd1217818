"""Temporary files and folders: their names, and the removal of those that a killed process left."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

TEMPORARY = ".tenfold-tmp-"
"""Prefix of the names of unfinished files and folders."""
_NAME = re.compile(re.escape(TEMPORARY) + r"[0-9a-f]{16}-(.+)", re.DOTALL)


def temporary_path(path: Path) -> Path:
    """Return an unpredictable temporary path in the folder of ``path``.

    Examples
    --------
    >>> is_temporary(temporary_path(Path("report.html")).name)
    True
    """
    return path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}-{path.name}")


def is_temporary(name: str) -> bool:
    """Return whether a name is one of `temporary_path`'s; what others call temporary is theirs.

    Examples
    --------
    >>> is_temporary(".tmp-notes"), is_temporary(".tenfold-tmp-notes")
    (False, False)
    """
    return _NAME.fullmatch(name) is not None


def whole_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder that a pattern names, without temporary ones, in order.

    ``Path.glob("*.json")`` alone also finds the half-written files of killed processes.
    """
    return sorted(path for path in folder.glob(pattern) if not is_temporary(path.name))


def finished(path: str | bytes | os.PathLike[str]) -> str:
    """Return the final path that belongs to a temporary one, for messages.

    Examples
    --------
    >>> finished("runs/mine/.tenfold-tmp-0123456789abcdef-model")
    'runs/mine/model'
    """
    folder, name = os.path.split(os.fsdecode(path))
    match = _NAME.fullmatch(name)
    return os.path.join(folder, match[1]) if match else os.fsdecode(path)


def sweep(folder: Path) -> None:
    """Remove the temporary files of killed processes. Call it only while no other process writes there."""
    for name in os.listdir(folder):
        if is_temporary(name):
            remove(folder / name)


def remove(path: Path) -> None:
    """Remove a file or folder; if that fails, it is harmless and stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
