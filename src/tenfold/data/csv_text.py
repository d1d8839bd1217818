"""The text of a CSV file: plain, gzipped or zipped, in UTF-8 or UTF-16, with any usual separator.

Everything becomes lines of UTF-8 with commas between the values, without quotes and blanks, so that only one
form has to be parsed.
"""

from __future__ import annotations

import codecs
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from tenfold.data.gzip_reader import GZIP_MAGIC, GzipReader, Reader
from tenfold.errors import DataError
from tenfold.files import open_regular, shown

BLOCK = 4 << 20  # bytes
LONGEST_LINE = 1 << 18  # bytes; 64 x 64 x 3 values of six figures and a quote each take under 100,000
ZIP_MAGIC = b"PK\x03\x04"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS = b",;\t|"


@contextmanager
def open_text(path: str | os.PathLike[str]) -> Iterator[Reader]:
    """Open a CSV file as bytes of UTF-8, decompressed and without a byte order mark.

    Raises
    ------
    DataError
        If it cannot be opened, or is a ZIP archive without exactly one file.
    """
    name = shown(path)
    with open_regular(path, DataError) as stream:
        start = stream.read(4)
        stream.seek(0)
        if start.startswith(GZIP_MAGIC):
            yield _decoded(GzipReader(stream, name))
        elif start == ZIP_MAGIC:
            with _only_member(stream, name) as member:
                yield _decoded(member)
        else:
            yield _decoded(stream)


@contextmanager
def _only_member(stream: BinaryIO, name: str) -> Iterator[Reader]:
    """Open the file in a ZIP archive, which must be its only one."""
    try:
        with zipfile.ZipFile(stream) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir() and not _of_a_system(entry)]
            if len(files) != 1 or not files[0].filename.lower().endswith((".csv", ".tsv", ".txt")):
                found = ", ".join(shown(entry.filename) for entry in files[:5]) or "nothing"
                raise DataError(
                    f"{name}: expected a ZIP archive with one CSV file, found {found}; "
                    "unpack it and give the folder"
                )
            with archive.open(files[0]) as member:
                yield _Member(member, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, DataError):
            raise
        raise _damaged(name) from error


def _of_a_system(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.startswith("__MACOSX/") or entry.filename.rpartition("/")[2].startswith(".")


class _Member:
    """A file in a ZIP archive, whose damage becomes a DataError."""

    def __init__(self, stream: object, name: str) -> None:
        self._stream, self._name = cast("BinaryIO", stream), name

    def read(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        try:
            return self._stream.read(count)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise _damaged(self._name) from error


def _damaged(name: str) -> DataError:
    return DataError(f"{name}: expected a ZIP archive, found a damaged one; download it again")


class _Utf8:
    """A stream as UTF-8, after a look at its first bytes."""

    def __init__(self, stream: Reader) -> None:
        self._stream = stream
        start = _at_least(stream, 3)
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace") if start[:2] in _UTF16 else None
        self._ready = start.removeprefix(codecs.BOM_UTF8) if self._decoder is None else self._converted(start)

    def _converted(self, data: bytes) -> bytes:
        return data if self._decoder is None else self._decoder.decode(data).encode("utf-8", "replace")

    def read(self, count: int) -> bytes:
        """Return about ``count`` bytes; nothing only at the end."""
        while not self._ready:
            data = bytes(self._stream.read(count))
            if not data:
                return b""
            self._ready = self._converted(data)
        ready, self._ready = self._ready, b""
        return ready


def _decoded(stream: Reader) -> Reader:
    return cast("Reader", _Utf8(stream))


def _at_least(stream: Reader, count: int) -> bytes:
    """Return the first bytes: ``count`` unless the stream is shorter."""
    start = b""
    while len(start) < count and (data := bytes(stream.read(count - len(start)))):
        start += data
    return start


def whole_lines(stream: Reader, name: str) -> Iterator[bytes]:
    """Yield blocks of whole lines, each line ended by ``\\n``.

    Raises
    ------
    DataError
        If a line is too long.
    """
    rest, line = b"", 1
    while data := stream.read(BLOCK):
        block, newline, rest = (rest + data).rpartition(b"\n")
        if len(rest) > LONGEST_LINE:
            line += block.count(b"\n") + len(newline)
            raise DataError(
                f"{name}: line {line}: expected under {LONGEST_LINE} characters, found more; "
                "write one image on each line"
            )
        if newline:
            line += block.count(b"\n") + 1
            yield (block + newline).replace(b"\r\n", b"\n")
    if rest:
        yield rest.removesuffix(b"\r") + b"\n"


def separator_of(line: bytes) -> bytes:
    """Return what separates the values of a line: a comma, semicolon, tab or bar."""
    counts = {bytes([one]): line.count(one) for one in _SEPARATORS}
    return max(counts, key=lambda one: counts[one])


def plain(block: bytes, separator: bytes) -> bytes:
    """Return a block of lines with commas between the values, without quotes and blanks around them."""
    if separator != b",":
        # Where values are separated by semicolons, spreadsheets may write 0,5 for 0.5.
        block = block.replace(b",", b".").replace(separator, b",")
    if b'"' in block:
        block = block.translate(None, b'"')
    if b" " in block or b"\t" in block:
        block = _without_blanks(block)
    return block


def _without_blanks(block: bytes) -> bytes:
    """Return a block without the blanks at the beginning and end of each value."""
    block = block.replace(b"\t", b" ")
    for end in (b",", b"\n"):
        for blank, without in ((end + b" ", end), (b" " + end, end)):
            while blank in block:
                block = block.replace(blank, without)
    return block.removeprefix(b" ")
