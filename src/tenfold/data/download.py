"""Downloads MNIST from its mirrors; each file is checked before it is saved."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tenfold.data.download_folder import locked, write_file
from tenfold.data.gzip_reader import GZIP_MAGIC, GzipReader
from tenfold.data.mnist_files import MnistFile
from tenfold.data.transfer import MirrorError, Timeouts, Transfer
from tenfold.errors import DataError
from tenfold.files import read_bounded, shown

_SPARE = 1 << 20  # bytes that gzip may add to a file
_BY_HAND = "put the four files into a folder and set TENFOLD_DATA to it"


class NoMirrorError(DataError):
    """No mirror sent a file; the message names the error of each."""


@dataclass(frozen=True)
class DownloadProgress:
    """Progress of a download; ``total`` is 0 if the mirror does not send it."""

    file: str
    mirror: str
    received: int  # bytes
    total: int  # bytes


def download_files(
    folder: Path,
    files: Sequence[MnistFile],
    urls: Sequence[str],
    *,
    notify: Callable[[str], None],
    progress: Callable[[DownloadProgress], None] | None = None,
    timeouts: Timeouts | None = None,
) -> None:
    """Download the files that a folder lacks, from the first mirror that sends them.

    A file that does not match its checksum is downloaded again. Two processes may call this at the same
    time: the second waits and then finds the files.

    Parameters
    ----------
    folder : Path
        Created if necessary; it holds the files uncompressed.
    files : sequence of MnistFile
    urls : sequence of str
        Mirrors, each ending in ``/``; a mirror that fails is tried last for the next files.
    notify : callable
        Called with one line that the user should see.
    progress : callable, optional
        Called after each piece of data.
    timeouts : Timeouts, optional
        By default 5 s to connect and 15 s between data.

    Raises
    ------
    NoMirrorError
        If no mirror sends a file; the message names the error of each.
    DataError
        If the folder is not writable.
    BusyError
        If another process downloads for too long.
    """
    timeouts = timeouts or Timeouts()
    order = list(urls)
    with locked(folder, lambda: notify(f"{shown(folder)}: waiting for another process that is downloading")):
        for file in files:
            if has_file(folder, file):
                continue
            if os.path.lexists(folder / file.name):
                notify(f"{shown(folder / file.name)}: does not match its checksum; downloading it again")
            data = _from_any(order, file, timeouts, progress)
            write_file(folder / file.name, data)


def has_file(folder: Path, file: MnistFile) -> bool:
    """Return whether a folder holds the file, uncompressed and with the right checksum."""
    path = folder / file.name
    try:
        data = read_bounded(path, file.size, DataError)
    except DataError:  # missing, too large or not a regular file
        return False
    return hashlib.sha256(data).hexdigest() == file.sha256


def _from_any(
    order: list[str],
    file: MnistFile,
    timeouts: Timeouts,
    progress: Callable[[DownloadProgress], None] | None,
) -> bytearray:
    """Return the file's uncompressed bytes; mirrors that fail move to the end of ``order``."""
    errors = []
    for url in list(order):
        host = short_name(url)
        report = partial(_report, progress, file.name, host)
        try:
            return _unpack(Transfer(f"{url}{file.name}.gz", file.size + _SPARE, report).fetch(timeouts), file)
        except MirrorError as error:
            errors.append(f"{host}: {error}")
            order.append(order.pop(order.index(url)))
    raise NoMirrorError(
        f"{file.name}: expected it from one of {len(order)} mirrors, found {'; '.join(errors)}; {_BY_HAND}"
    )


def short_name(url: str) -> str:
    """Return a mirror's host and path, without scheme and password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] + parts.path.rstrip("/")


def _report(
    progress: Callable[[DownloadProgress], None] | None, name: str, host: str, received: int, total: int
) -> None:
    if progress is not None:
        progress(DownloadProgress(name, host, received, total))


def _unpack(data: bytearray, file: MnistFile) -> bytearray:
    """Decompress what a mirror sent, up to the file's size, and compare its checksum."""
    if data.startswith(GZIP_MAGIC):
        try:
            data = GzipReader(io.BytesIO(data), file.name).read(file.size + 1)
        except DataError as error:
            raise MirrorError(str(error).removeprefix(f"{file.name}: ").partition(";")[0]) from error
    if data[:64].lstrip().startswith(b"<"):
        raise MirrorError("a web page instead of the file")
    if len(data) != file.size:
        held = "more" if len(data) > file.size else f"{len(data)} bytes"
        raise MirrorError(f"expected {file.size} bytes, found {held}")
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        raise MirrorError(f"expected SHA-256 {file.sha256}, found {found}")
    return data
