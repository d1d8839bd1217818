"""Opening a file that somebody else made: nothing hangs, and nothing is read past a bound."""

from __future__ import annotations

import os
import zlib
from typing import BinaryIO, Protocol

from tenfold import files
from tenfold.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 16


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading, and nothing else; DataError if that is not what is there."""
    return files.open_regular(path, DataError)


def read_bounded(path: str | os.PathLike[str], limit: int) -> bytes:
    """All bytes of a regular file that holds no more than ``limit``; DataError if it is anything else."""
    return files.read_bounded(path, limit, DataError)


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
