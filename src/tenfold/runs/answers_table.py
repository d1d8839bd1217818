"""A table of answers that grows as pictures are read, and continues where a killed command stopped."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tenfold import locks
from tenfold.errors import BusyError, ConfigError, StorageError
from tenfold.evaluate.predictions_csv import csv_text
from tenfold.files import (
    append_to,
    open_lock_file,
    open_regular,
    os_error_text,
    shown,
    storage,
    write_atomically,
)
from tenfold.runs.picture_answers import UNREADABLE, modification, table_name

_FSYNC_SECONDS = 1.0


class AnswersTable:
    """A file with one line for each picture.

    A line counts as done if the picture was read by the same network and has not changed since. Lines of
    changed pictures, of those that could not be read, and half a line at the end are taken out, and these
    pictures are read again. Lines of pictures that are not named now stay.

    Parameters
    ----------
    path : Path
    columns : sequence of str
    network : str
        See `tenfold.runs.answers.identity`.

    Attributes
    ----------
    changed : int
        How many pictures have changed since they were read.
    """

    def __init__(self, path: Path, columns: Sequence[str], network: str) -> None:
        self.path, self.columns, self.network = path, list(columns), network
        self.changed = 0
        self._stream: BinaryIO | None = None
        self._began = 0
        self._flushed = 0.0

    @contextmanager
    def resumed(self, files: Iterable[str]) -> Iterator[list[str]]:
        """Hold the file in a ``with`` block, which is given the pictures that are left to read.

        Raises
        ------
        ConfigError
            If it is another file than such a table, or the table is of another network.
        BusyError
            If another process writes it.
        StorageError
            If it cannot be written.
        """
        with self._lock():
            left = self._left(files)
            with storage(self.path), append_to(self.path) as self._stream:
                self._began = self.path.stat().st_size
                yield left
                self._flush(durably=True)

    def add(self, rows: str) -> None:
        """Write the lines of some pictures."""
        if self._stream is not None:
            with storage(self.path):
                self._stream.write(rows.encode("utf-8", "backslashreplace"))
                self._flush(durably=time.monotonic() - self._flushed > _FSYNC_SECONDS)

    def added(self) -> int:
        """Return how many pictures were added in this block, as the file says.

        A signal may come between the writing of some lines and the counting of them.
        """
        self._flush(durably=False)
        with storage(self.path), open_regular(self.path, ConfigError) as stream:
            stream.seek(self._began)
            return sum(line.endswith(b"\n") for line in stream)

    def _flush(self, *, durably: bool) -> None:
        if self._stream is not None:
            self._stream.flush()
            if durably:
                os.fsync(self._stream.fileno())
                self._flushed = time.monotonic()

    def _left(self, files: Iterable[str]) -> list[str]:
        """Bring the file to whole lines that count, and return the pictures that have none."""
        if not os.path.lexists(self.path) or self.path.stat().st_size == 0:
            write_atomically(self.path, csv_text([self.columns]).encode())
            return list(files)
        done = {cells[0]: cells for cells in map(self._short, self._lines())}
        left, stale = [], set()
        for file in files:
            name = table_name(file)
            if name in done and not self._is_stale(done[name], file):
                continue
            left.append(file)
            stale.add(name)
        self._rewrite(stale & done.keys())
        return left

    def _short(self, cells: Sequence[str]) -> tuple[str, str, str]:
        """Return of a line what tells whether it counts: the picture, the reason, and its time."""
        return cells[0], cells[self.columns.index("reason")], cells[-1]

    def _is_stale(self, cells: tuple[str, str, str], file: str) -> bool:
        _, reason, modified = cells
        changed = modified != modification(file)
        self.changed += changed
        return changed or reason == UNREADABLE

    def _lines(self) -> Iterator[list[str]]:
        """Yield the cells of each whole line below the heads."""
        with open_regular(self.path, ConfigError) as stream:
            if stream.readline() != csv_text([self.columns]).encode():
                raise ConfigError(
                    f"--out: expected a new file or a table with the columns {','.join(self.columns)}, got "
                    f"{shown(self.path)}, which is something else; name another file"
                )
            for number, line in enumerate(stream, start=2):
                if line.endswith(b"\n"):
                    yield self._cells(line, number)

    def _cells(self, line: bytes, number: int) -> list[str]:
        try:
            [cells] = csv.reader([line.decode("utf-8")], strict=True)
        except (ValueError, csv.Error):
            cells = []
        if len(cells) != len(self.columns):
            raise ConfigError(
                f"--out: {shown(self.path)}, line {number}: expected {len(self.columns)} cells, found "
                f"{len(cells)}; correct the line, or name another file"
            )
        if cells[-2] != self.network:
            raise ConfigError(
                f"--out: expected answers by {self.network} in {shown(self.path)}, found some by "
                f"{shown(cells[-2])}; name another file"
            )
        return cells

    def _rewrite(self, stale: set[str]) -> None:
        """Take these pictures out of the file, and half a line at its end, if there are any."""
        with open_regular(self.path, ConfigError) as stream:
            first = stream.readline()
            lines = list(stream)
        kept = [
            line
            for line in lines
            if line.endswith(b"\n") and (not stale or self._cells(line, 0)[0] not in stale)
        ]
        if len(kept) < len(lines):
            write_atomically(self.path, b"".join([first, *kept]))

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let no other process write the table. The lock is on a file beside it, which stays.

        The table itself is replaced where lines are taken out of it.
        """
        place = self.path.with_name(f".{self.path.name}.lock")
        with storage(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = open_lock_file(place, ConfigError)
        try:
            try:
                locks.lock(descriptor)
            except OSError as error:
                raise _not_locked(self.path, error) from None
            yield
        finally:
            os.close(descriptor)


def _not_locked(path: Path, error: OSError) -> BusyError | StorageError:
    if locks.is_held(error):
        return BusyError(
            f"--out: expected no other command that writes {shown(path)}, found one; wait for it or name "
            "another file"
        )
    return StorageError(
        f"{shown(path)}: expected a file system with locks, found {os_error_text(error)}",
        "name a file on another disk",
    )
