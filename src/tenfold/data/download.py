"""Downloads published sets from their mirrors; each file is checked before it is saved."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tenfold.data.download_folder import locked, write_file
from tenfold.data.gzip_reader import GZIP_MAGIC, GzipReader
from tenfold.data.published import MNIST, PublishedFile, PublishedSet
from tenfold.data.published_folder import SUMS, matches, write_sums
from tenfold.data.transfer import MirrorError, Timeouts, Transfer
from tenfold.data.unpacking import members_of
from tenfold.errors import ConfigError, DataError
from tenfold.files import shown

MIRRORS_VARIABLE = "TENFOLD_MIRRORS"
_BY_HAND = "put the four files into a folder and set TENFOLD_DATA to it"


_SLOWEST_ARCHIVE = 7_200.0  # seconds; 80 kB/s for the largest


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
    files: Sequence[PublishedFile],
    urls: Sequence[str],
    *,
    notify: Callable[[str], None],
    progress: Callable[[DownloadProgress], None] | None = None,
    timeouts: Timeouts | None = None,
    by_hand: str = _BY_HAND,
) -> None:
    """Download the files that a folder lacks, from the first mirror that sends them.

    A file that does not match its checksum is downloaded again. Two processes may call this at the same
    time: the second waits and then finds the files.

    Parameters
    ----------
    folder : Path
        Created if necessary; it holds the files uncompressed.
    files : sequence of PublishedFile
    urls : sequence of str
        Mirrors, each ending in ``/``; a mirror that fails is tried last for the next files.
    notify : callable
        Called with one line that the user should see.
    progress : callable, optional
        Called after each piece of data.
    timeouts : Timeouts, optional
        By default 5 s to connect and 15 s between data.
    by_hand : str
        What to do if no mirror sends a file.

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
            if matches(folder / file.name, file):
                continue
            if os.path.lexists(folder / file.name):
                notify(f"{shown(folder / file.name)}: does not match its checksum; downloading it again")
            write_file(folder / file.name, _from_any(order, file, timeouts, progress, by_hand))


def download_archive(
    folder: Path,
    one: PublishedSet,
    *,
    notify: Callable[[str], None],
    progress: Callable[[DownloadProgress], None] | None = None,
    timeouts: Timeouts | None = None,
    by_hand: str = _BY_HAND,
) -> None:
    """Download a set that is published as one archive, and unpack what belongs to it into a folder.

    The archive is checked in memory and not kept. The checksums of what is unpacked are written next to it.

    Raises
    ------
    NoMirrorError, DataError, BusyError
        As `download_files` does.
    """
    [archive] = one.files
    timeouts = timeouts or Timeouts(total=_SLOWEST_ARCHIVE)
    with locked(folder, lambda: notify(f"{shown(folder)}: waiting for another process that is downloading")):
        data = _from_any(list(mirrors(one)), archive, timeouts, progress, by_hand)
        files = members_of(data, one.members, archive.name)
        for name, content in files.items():
            write_file(folder / name, content)
        write_file(folder / SUMS, write_sums(files))


def mirrors(one: PublishedSet) -> tuple[str, ...]:
    """Return the mirrors of a set in the order to try.

    ``$TENFOLD_MIRRORS`` (separated by commas) replaces them: it holds MNIST's files, and in subfolders, such
    as ``fashion-mnist/``, those of the other sets.

    Raises
    ------
    ConfigError
        If one of them is not an http or https URL.
    """
    chosen = [url.strip() for url in os.environ.get(MIRRORS_VARIABLE, "").split(",") if url.strip()]
    for url in chosen:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"{MIRRORS_VARIABLE}: expected http or https URLs separated by commas, found {url!r}; "
                "correct it or unset it"
            )
    below = "" if one.name == MNIST else f"{one.cache_name}/"
    return tuple(url.rstrip("/") + "/" + below for url in chosen) or one.mirrors


def _from_any(
    order: list[str],
    file: PublishedFile,
    timeouts: Timeouts,
    progress: Callable[[DownloadProgress], None] | None,
    by_hand: str,
) -> bytearray:
    """Return the file, checked; mirrors that fail move to the end of ``order``."""
    errors, address = [], f"{file.name}.gz" if file.unpack else file.name
    for url in list(order):
        host = short_name(url)
        report = partial(_report, progress, file.name, host)
        try:
            return _checked(Transfer(f"{url}{address}", file.most, report).fetch(timeouts), file)
        except MirrorError as error:
            errors.append(f"{host}: {error}")
            order.append(order.pop(order.index(url)))
    raise NoMirrorError(
        f"{file.name}: expected it from one of {len(order)} mirrors, found {'; '.join(errors)}; {by_hand}"
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


def _checked(data: bytearray, file: PublishedFile) -> bytearray:
    """Compare what a mirror sent with size and checksum; decompress it first if they are about that."""
    if file.unpack and data.startswith(GZIP_MAGIC):
        try:
            data = GzipReader(io.BytesIO(data), file.name).read(file.most)
        except DataError as error:
            raise MirrorError(str(error).removeprefix(f"{file.name}: ").partition(";")[0]) from error
    if data[:64].lstrip().startswith(b"<"):
        raise MirrorError("a web page instead of the file")
    if file.size is not None and len(data) != file.size:
        held = "more" if len(data) > file.size else f"{len(data)} bytes"
        raise MirrorError(f"expected {file.size} bytes, found {held}")
    found = file.hash(data)
    if found != file.checksum:
        raise MirrorError(f"expected {file.algorithm} {file.checksum}, found {found}")
    return data
