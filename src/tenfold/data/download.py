"""MNIST from its mirrors into a folder: each file checked before it gets its name."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tenfold.data.download_folder import locked, write_atomically
from tenfold.data.gzip_reader import GZIP_MAGIC, GzipReader, read_bounded
from tenfold.data.mnist_files import MnistFile
from tenfold.data.transfer import MirrorError, Timeouts, Transfer
from tenfold.errors import DataError
from tenfold.files import shown

_SPARE = 1 << 20  # bytes that a wrapper may add to a file
_BY_HAND = "put the four files into a folder and name it with TENFOLD_DATA"


class NoMirrorError(DataError):
    """No mirror gave a file; the message names the fault of each."""


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download has come; ``total`` is 0 where the mirror does not say."""

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
    patience: Timeouts | None = None,
) -> None:
    """Fetch what a folder lacks of some files, from the first mirror that gives it.

    A file that is there already but does not match its checksum is fetched anew. Two processes
    at once are safe: the second waits, and finds the files there.

    Parameters
    ----------
    folder : Path
        Made if need be; the files are kept uncompressed in it.
    files : sequence of MnistFile
    urls : sequence of str
        Mirrors, each ending in ``/``; a mirror that fails is tried last from then on.
    notify : callable
        Told in one line what a user would wonder about.
    progress : callable, optional
        Told after each piece of data.
    patience : Timeouts, optional
        How long mirrors may take; by default 5 s to connect and 15 s between data.

    Raises
    ------
    NoMirrorError
        If no mirror gives a file; each one's fault is named.
    DataError
        If the folder cannot be written.
    BusyError
        If another process downloads for ever.
    """
    patience = patience or Timeouts()
    order = list(urls)
    with locked(folder, lambda: notify(f"{shown(folder)}: another process is downloading; waiting for it")):
        for file in files:
            if has_file(folder, file):
                continue
            if os.path.lexists(folder / file.name):
                notify(f"{shown(folder / file.name)}: does not match its checksum; downloading it again")
            data = _from_any(order, file, patience, progress)
            write_atomically(folder / file.name, data)


def has_file(folder: Path, file: MnistFile) -> bool:
    """Whether a folder holds the file, uncompressed and with the right checksum."""
    path = folder / file.name
    try:
        data = read_bounded(path, file.size)
    except DataError:  # missing, too large, or no regular file: not what we wrote
        return False
    return hashlib.sha256(data).hexdigest() == file.sha256


def _from_any(
    order: list[str],
    file: MnistFile,
    patience: Timeouts,
    progress: Callable[[DownloadProgress], None] | None,
) -> bytearray:
    """The file's uncompressed bytes; mirrors that fail move to the end of ``order``."""
    faults = []
    for url in list(order):
        host = short_name(url)
        report = _reporter(file.name, host, progress)
        try:
            return _unpack(Transfer(f"{url}{file.name}.gz", file.size + _SPARE, report).fetch(patience), file)
        except MirrorError as fault:
            faults.append(f"{host}: {fault}")
            order.append(order.pop(order.index(url)))
    raise NoMirrorError(
        f"{file.name}: expected it from one of {len(order)} mirrors, found {'; '.join(faults)}; {_BY_HAND}"
    )


def short_name(url: str) -> str:
    """A mirror's host and path, without scheme and without any password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] + parts.path.rstrip("/")


def _reporter(
    name: str, host: str, progress: Callable[[DownloadProgress], None] | None
) -> Callable[[int, int], None]:
    def report(received: int, total: int) -> None:
        if progress is not None:
            progress(DownloadProgress(name, host, received, total))

    return report


def _unpack(data: bytearray, file: MnistFile) -> bytearray:
    """Inflate what a mirror sent, no further than the file's size, and compare its checksum."""
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
