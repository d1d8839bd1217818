"""Named files out of a ZIP or a tar archive in memory."""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Sequence

from tenfold.errors import DataError

_MOST = 1 << 30  # bytes of one file
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, KeyError, EOFError, OSError, zlib.error, lzma.LZMAError)


def members_of(data: bytes | bytearray, names: Sequence[str], archive: str) -> dict[str, bytes]:
    """Return files of an archive by name, without their folders; nothing else is unpacked.

    Parameters
    ----------
    data : bytes
        A ZIP or tar archive.
    names : sequence of str
        With their folders.
    archive : str
        Name of the archive, for errors.

    Raises
    ------
    DataError
        If the archive is damaged or lacks a file.
    """
    read = _from_zip if zipfile.is_zipfile(io.BytesIO(data)) else _from_tar
    try:
        return {name.rpartition("/")[2]: content for name, content in read(io.BytesIO(data), names).items()}
    except _DAMAGE as error:
        raise DataError(
            f"{archive}: expected an archive with {names[0]}, found a damaged or another one; download "
            "it again"
        ) from error


def _from_zip(stream: io.BytesIO, names: Sequence[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(stream) as archive:
        return {name: _bounded(archive.open(name).read(_MOST + 1)) for name in names}


def _from_tar(stream: io.BytesIO, names: Sequence[str]) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=stream) as archive:
        for member in archive:  # in its order: a compressed archive cannot be read backwards quickly
            if member.name in names and member.isfile() and (file := archive.extractfile(member)) is not None:
                found[member.name] = _bounded(file.read(_MOST + 1))
    return {name: found[name] for name in names}


def _bounded(content: bytes) -> bytes:
    if len(content) > _MOST:
        raise OSError("larger than a gigabyte")
    return content
