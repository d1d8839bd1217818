"""The folder of compiled code.

The name of each file has a digest of what its code depends on, so versions of the engine may share the
folder, and the code that is equal in both. Code that nobody has used for a month is removed. Compiled code
is trusted, so it is taken only from a folder that belongs to this user and that nobody else may write to.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tenfold.backend.cpu import cache_file
from tenfold.backend.cpu.cache_file import SUFFIX, is_ours
from tenfold.errors import DataError
from tenfold.files import is_temporary, os_error_text, shown
from tenfold.folders import CACHE_VARIABLE, cache_folder

_NAME = "engine"
_FORMER = re.compile(r"engine-[0-9a-f]{16}")  # former versions of tenfold had a folder for each engine
_CODE = (SUFFIX, ".nbi", ".nbc")  # those of Numba are of former versions
_HOUR = 3600.0  # seconds; no file is written for so long
_MONTH = 30 * 24 * _HOUR


@cache
def folder() -> Path | None:
    """Where compiled code is kept, or None where there is no place that is ours alone; it is told why."""
    try:
        return prepared()
    except DataError as fault:
        cache_file.tell("nowhere", f"{fault}; until then each start compiles it again")
        return None


def prepared() -> Path:
    """Return the folder of compiled code, made and closed to others; what is long unused is removed.

    Raises
    ------
    DataError
        If there is no such place.
    """
    path = (cache_folder() / _NAME).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (is_ours(path.lstat()) and is_ours(path.stat())):
            raise PermissionError(errno.EPERM, "a folder of another user")  # whose code is not ours to run
        if stat.S_IMODE(path.stat().st_mode) != 0o700:
            path.chmod(0o700)
    except OSError as error:
        raise DataError(
            f"{shown(path)}: expected a folder of this user to keep compiled code in, "
            f"found {os_error_text(error)}; set {CACHE_VARIABLE} to another"
        ) from error
    now = time.time()
    cache_file.remove_leftovers(path, half_written=now - _HOUR, unused=now - _MONTH)
    for old in former(path):
        with suppress(FileNotFoundError):  # another process may clean at the same time
            if now - old.stat().st_mtime > _MONTH:
                _remove(old)
    return path


def former(current: Path) -> list[Path]:
    """Return the folders of former versions of tenfold next to the current one."""
    with suppress(OSError):
        return [
            path
            for path in sorted(current.parent.iterdir())
            if _FORMER.fullmatch(path.name) and _is_our_folder(path)
        ]
    return []


@dataclass(frozen=True)
class Inspection:
    """What a folder of compiled code holds.

    Attributes
    ----------
    files : int
        That are sound.
    size : int
        Their bytes.
    removed : tuple of str
        A line for each file that was not, and is gone now.
    stuck : tuple of str
        A line for each that was not, and could not be removed.
    """

    files: int
    size: int
    removed: tuple[str, ...]
    stuck: tuple[str, ...]


def inspect(path: Path) -> Inspection:
    """Compare every file in a folder with its checksum, and remove those that are not sound."""
    sizes, removed, stuck = [], [], []
    for file in sorted(path.glob(f"*{SUFFIX}")):
        try:
            cache_file.check(file)
            sizes.append(file.stat().st_size)
        except DataError as fault:
            try:
                file.unlink(missing_ok=True)
                removed.append(str(fault))
            except OSError:  # a folder, or a disk that cannot be written
                stuck.append(str(fault))
        except FileNotFoundError:
            continue  # another process has just replaced or removed it
    return Inspection(len(sizes), sum(sizes), tuple(removed), tuple(stuck))


def size(path: Path) -> int:
    """Return how many bytes the files directly in a folder have."""
    return sum(about.st_size for _, about in _files(path))


def _is_our_folder(path: Path) -> bool:
    about = path.lstat()
    return stat.S_ISDIR(about.st_mode) and is_ours(about)


def _files(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with suppress(OSError):
        for file in path.iterdir():
            with suppress(OSError):
                yield file, file.lstat()


def _remove(path: Path) -> None:
    """Remove the compiled code in a folder, and the folder if nothing else is in it."""
    for file, about in _files(path):
        ours = file.suffix in _CODE or is_temporary(file.name)
        if ours and stat.S_ISREG(about.st_mode):
            with suppress(OSError):
                file.unlink()
    with suppress(OSError):
        path.rmdir()
