"""Reading gzip streams within bounds."""

from __future__ import annotations

import zlib
from typing import Protocol

from tenfold.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 16


class Reader(Protocol):
    """A stream that a parser reads: a plain file or a `GzipReader`."""

    def read(self, count: int, /) -> bytes | bytearray:
        """Return the next ``count`` bytes, fewer only at the end."""
        ...


class GzipReader:
    """Decompresses a gzip stream of one member, only as far as the caller reads.

    Parameters
    ----------
    stream : Reader
        The compressed bytes.
    name : str
        Starts every error message.

    Notes
    -----
    zlib checks the CRC and the length at the end of the stream, so read one byte more than you
    expect. A second member is refused.
    """

    def __init__(self, stream: Reader, name: str) -> None:
        self._stream = stream
        self._name = name
        self._inflater = zlib.decompressobj(wbits=31)  # 31: gzip header and trailer, nothing else

    def read(self, count: int) -> bytearray:
        """Return the next ``count`` decompressed bytes, fewer only at the end, where the CRC is checked."""
        out = bytearray()
        while len(out) < count and not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._stream.read(_CHUNK)
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
        if self._inflater.eof:
            self._check_end()
        return out

    def _check_end(self) -> None:
        rest = bytes(self._inflater.unused_data) or bytes(self._stream.read(_CHUNK))
        if rest:
            what = "a second gzip member" if rest.startswith(GZIP_MAGIC) else "other bytes after it"
            raise DataError(f"{self._name}: expected one gzip stream, found {what}; download it again")


def _zlib_message(error: zlib.error) -> str:
    """Return zlib's message without its prefix, in clearer words where possible."""
    words = str(error).rpartition(": ")[2]
    return {
        "incorrect data check": "its CRC does not match",
        "incorrect length check": "its length does not match",
    }.get(words, words)
