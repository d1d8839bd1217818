"""Opening a file that somebody else made: nothing hangs, and nothing is read past a bound."""

from __future__ import annotations

import errno
import os
import stat
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol

from tenfold.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 16
_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def shown(path: str | os.PathLike[str]) -> str:
    """A path as one printable line, whatever characters its maker put in."""
    text = os.fspath(path)
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def reason(error: OSError) -> str:
    """What the operating system says, in a few words, without the path."""
    return (error.strerror or type(error).__name__).lower()


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading, and nothing else.

    Opened without blocking and looked at afterwards: a named pipe would otherwise wait for its
    writer for ever, and a look beforehand could be outrun.

    Raises
    ------
    DataError
        If there is no file, or a folder, pipe or device, or it cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _unopened(path, error) from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    found = next((name for test, name in _KINDS if test(mode)), "a folder")
    raise DataError(f"{shown(path)}: expected a file, found {found}; name a regular file")


def _unopened(path: str | os.PathLike[str], error: OSError) -> DataError:
    """The one line for a file that could not be opened."""
    name = shown(path)
    if isinstance(error, FileNotFoundError):
        return DataError(f"{name}: expected a file, found nothing; check the path")
    if isinstance(error, IsADirectoryError) or Path(path).is_dir():
        return DataError(f"{name}: expected a file, found a folder; name a regular file")
    if error.errno == errno.ELOOP:
        return DataError(f"{name}: expected a file, found a loop of symbolic links; name the file itself")
    if isinstance(error, PermissionError):
        return DataError(f"{name}: expected a readable file, found permission denied; make it readable")
    return DataError(f"{name}: expected a readable file, found {reason(error)}; check the path")


def read_bounded(path: str | os.PathLike[str], limit: int) -> bytes:
    """All bytes of a regular file that holds no more than ``limit``.

    Raises
    ------
    DataError
        If it cannot be opened or is larger.
    """
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise DataError(
                f"{shown(path)}: expected at most {limit} bytes, found {size}; give a smaller file"
            )
        return stream.read(limit)


class Reader(Protocol):
    """What the parsers read from: a plain stream or one inside gzip."""

    def read(self, count: int, /) -> bytes | bytearray:
        """The next ``count`` bytes, fewer only at the end."""
        ...


class GzipReader:
    """The single member of a gzip stream, inflated no further than asked for.

    Parameters
    ----------
    stream : Reader
        The compressed bytes.
    name : str
        Stands at the head of every error.

    Notes
    -----
    zlib checks the CRC and the length when the end is reached, so ask for one byte more than
    you expect. A second member is refused: the file was glued together from two.
    """

    def __init__(self, stream: Reader, name: str) -> None:
        self._stream = stream
        self._name = name
        self._inflater = zlib.decompressobj(wbits=31)  # 31: gzip header and trailer, nothing else

    def read(self, count: int) -> bytearray:
        """The next ``count`` inflated bytes, fewer only at the checked end."""
        out = bytearray()
        while len(out) < count and not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._stream.read(_CHUNK)
            if not packed:
                raise DataError(
                    f"{self._name}: expected a whole gzip stream, found its end cut off; download it again"
                )
            try:
                out += self._inflater.decompress(packed, count - len(out))
            except zlib.error as error:
                raise DataError(
                    f"{self._name}: expected a sound gzip stream, found a damaged one "
                    f"({_zlib_words(error)}); download it again"
                ) from error
        if self._inflater.eof:
            self._nothing_follows()
        return out

    def _nothing_follows(self) -> None:
        rest = bytes(self._inflater.unused_data) or bytes(self._stream.read(_CHUNK))
        if rest:
            what = "a second gzip member" if rest.startswith(GZIP_MAGIC) else "other bytes after it"
            raise DataError(f"{self._name}: expected one gzip stream, found {what}; download it again")


def _zlib_words(error: zlib.error) -> str:
    """zlib's own words without its prefix; a wrong CRC is named as one."""
    words = str(error).rpartition(": ")[2]
    return {
        "incorrect data check": "its CRC does not match",
        "incorrect length check": "its length does not match",
    }.get(words, words)
