"""A file of compiled code: a checksum, a key that says for what it was compiled, and the code.

Loading compiled code means running it, and what holds it is a pickle. So nothing of a file is used before
its checksum was compared: a power cut, a full disk or a flipped bit costs a compilation, never an answer.
The checksum tells of damage, not of malice. That nobody else writes there is the folder's part
(`cache_folder`), and the owner of each file is looked at as well.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from contextlib import suppress
from pathlib import Path

from tenfold.errors import DataError, StorageError
from tenfold.files import is_temporary, open_regular, shown, write_atomically

SUFFIX = ".code"
_MAGIC = b"tenfold code 1\n"
_DIGEST = hashlib.sha256().digest_size  # bytes of a checksum, and of a key
_HEAD = len(_MAGIC) + 2 * _DIGEST
_LIMIT = 1 << 26  # bytes; the largest function has a quarter of a million
_KEY_DIGITS = 16  # of a key in a file's name
_DAY = 24 * 3600.0  # seconds

log = logging.getLogger(__name__)
_told: set[str] = set()  # of each kind of trouble a process tells once


def path_of(folder: Path, label: str, key: bytes) -> Path:
    """Return where the code of a function is kept: its label, then the beginning of its key."""
    return folder / f"{label}-{key.hex()[:_KEY_DIGITS]}{SUFFIX}"


def write(path: Path, key: bytes, code: bytes) -> None:
    """Keep code if that is possible; if not, it is told once, and all goes on without."""
    body = key + code
    try:
        write_atomically(path, _MAGIC + hashlib.sha256(body).digest() + body)
    except OSError as error:
        tell("unsaved", f"{shown(path.parent)}: {_unsaved(error)}; until then each start compiles it again")


def read(path: Path, key: bytes) -> bytes | None:
    """Return the code that was kept under a key, or None; a file that is not sound is removed."""
    if not os.path.lexists(path):
        return None
    try:
        found, code = _content(path)
        if found != key:
            raise DataError(f"{shown(path)}: expected the code of this function, found that of another")
        _note_use(path)
        return code
    except DataError as fault:
        discard(path, str(fault))
    except StorageError as fault:  # no descriptors, say: the file is as sound as it was
        tell("unread", f"{fault.what}; compiling it again")
    return None


def _note_use(path: Path) -> None:
    """Set a file's time to now, at most once a day: whoever tidies up sees that it is in use."""
    with suppress(OSError):  # a disk that can only be read, say
        if time.time() - path.lstat().st_mtime > _DAY:
            os.utime(path)


def check(path: Path) -> None:
    """Compare a file with its checksum and its name with its key.

    Raises
    ------
    DataError
        If it was changed, is not a regular file, or is not one of ours.
    """
    key, _ = _content(path)
    if not path.stem.endswith(f"-{key.hex()[:_KEY_DIGITS]}"):
        raise DataError(f"{shown(path)}: expected the code of this function, found that of another")


def is_sound(path: Path) -> bool:
    """Return whether a file is as it was written."""
    try:
        check(path)
    except (DataError, StorageError):
        return False
    return True


def discard(path: Path, fault: str) -> None:
    """Remove a file that is not sound, so that the code is compiled again; say so once."""
    try:
        path.unlink(missing_ok=True)
        done = "removed it, compiling it again"
    except OSError:  # a folder, or a disk that cannot be written
        done = "it could not be removed; remove it by hand"
    tell("unsound", f"{fault}; {done}")


def remove_leftovers(folder: Path, half_written: float, unused: float) -> None:
    """Remove what killed processes left half-written, and code not used, since these times (since 1970)."""
    with suppress(OSError):
        for path in folder.iterdir():
            before = half_written if is_temporary(path.name) else unused if path.suffix == SUFFIX else 0.0
            if path.lstat().st_mtime < before:
                with suppress(OSError):  # another process was faster, or a folder stands in the file's place
                    path.unlink()


def tell(kind: str, line: str) -> None:
    """Log a line, one of each kind in a process."""
    if kind not in _told:
        _told.add(kind)
        log.warning(line)


def is_ours(about: os.stat_result) -> bool:
    """Return whether what is described belongs to this user."""
    return not hasattr(os, "getuid") or about.st_uid == os.getuid()


def _content(path: Path) -> tuple[bytes, bytes]:
    """Return the key and the code in a file that is as it was written."""
    try:
        with open_regular(path, DataError, follow_link=False) as stream:
            about = os.fstat(stream.fileno())
            if not is_ours(about):
                raise DataError(f"{shown(path)}: expected a file of this user, found one of another")
            content = stream.read(_LIMIT + 1)
    except StorageError:
        raise
    except OSError as error:
        raise DataError(f"{shown(path)}: expected a readable file, found {_words(error)}") from error
    checksum, body = content[len(_MAGIC) : len(_MAGIC) + _DIGEST], content[len(_MAGIC) + _DIGEST :]
    if len(content) < _HEAD or len(content) > _LIMIT or not content.startswith(_MAGIC):
        raise DataError(f"{shown(path)}: expected compiled code, found {_size(content)}")
    if hashlib.sha256(body).digest() != checksum:
        raise DataError(f"{shown(path)}: expected compiled code as it was saved, found another checksum")
    return body[:_DIGEST], body[_DIGEST:]


def _size(content: bytes) -> str:
    if len(content) > _LIMIT:
        return f"more than {_LIMIT} bytes"
    return f"{len(content)} other bytes" if content else "an empty file"


def _unsaved(error: OSError) -> str:
    return f"expected to save compiled code, found {_words(error)}; make room or make it writable"


def _words(error: OSError) -> str:
    """What the operating system says, in a few words."""
    return os.strerror(error.errno).lower() if error.errno else type(error).__name__
