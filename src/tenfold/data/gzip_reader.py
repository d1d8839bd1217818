"""Reading gzip streams within bounds."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

from tenfold.errors import DataError

if TYPE_CHECKING:
    from zlib import _Decompress

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 16
_MOST_MEMBERS = 1 << 16  # a gigabyte in the blocks of bgzip has 16,000; each costs a copy of a chunk


class Reader(Protocol):
    """A stream that a parser reads: a plain file or a `GzipReader`."""

    def read(self, count: int, /) -> bytes | bytearray:
        """Return the next ``count`` bytes, fewer only at the end."""
        ...


class GzipReader:
    """Decompresses a gzip stream, only as far as the caller reads.

    Parameters
    ----------
    stream : Reader
        The compressed bytes.
    name : str
        Starts every error message.

    Notes
    -----
    zlib checks the CRC and the length at the end of each member, so read one byte more than you expect.
    A file may have several members (RFC 1952, section 2.2), as ``cat a.gz b.gz`` makes it.
    """

    def __init__(self, stream: Reader, name: str) -> None:
        self._stream = stream
        self._name = name
        self._packed = b""  # read, and not decompressed yet
        self._members = 1
        self._inflater = _inflater()

    def read(self, count: int) -> bytearray:
        """Return the next ``count`` decompressed bytes, fewer only at the end, where the CRC is checked."""
        out = bytearray()
        while len(out) < count and not self._at_end():
            packed = self._packed or bytes(self._stream.read(_CHUNK))
            if not packed:
                raise DataError(
                    f"{self._name}: expected a complete gzip stream, found one that is cut off; "
                    "download it again"
                )
            try:
                out += self._inflater.decompress(packed, count - len(out))
            except zlib.error as error:
                raise DataError(
                    f"{self._name}: expected a valid gzip stream, found a damaged one "
                    f"({_zlib_message(error)}); download it again"
                ) from error
            self._packed = (
                self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            )
        return out

    def _at_end(self) -> bool:
        """Return whether the stream is at its end; if another member follows, start it."""
        if not self._inflater.eof:
            return False
        self._packed = self._packed or bytes(self._stream.read(_CHUNK))
        if len(self._packed) == 1:
            self._packed += bytes(self._stream.read(_CHUNK))
        if not self._packed:
            return True
        if not self._packed.startswith(GZIP_MAGIC):
            raise DataError(
                f"{self._name}: expected one gzip stream, found other bytes after it; download it again"
            )
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise DataError(
                f"{self._name}: expected at most {_MOST_MEMBERS} gzip members, found more; "
                "decompress the file and compress it again"
            )
        self._inflater = _inflater()
        return False


def _inflater() -> _Decompress:
    return zlib.decompressobj(wbits=31)  # 31: gzip header and trailer, nothing else


def _zlib_message(error: zlib.error) -> str:
    """Return zlib's message without its prefix, in clearer words where possible."""
    words = str(error).rpartition(": ")[2]
    return {
        "incorrect data check": "its CRC does not match",
        "incorrect length check": "its length does not match",
    }.get(words, words)
