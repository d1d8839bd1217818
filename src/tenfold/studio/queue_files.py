"""The queue on the disk: a file for each training that waits or runs, so that a killed studio loses none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tenfold import locks
from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import BusyError, ConfigError
from tenfold.files import make_subfolder, open_lock_file, shown, storage, sweep, whole_files, write_atomically
from tenfold.studio.turns import Entry

_MOST_BYTES = 1 << 16


class QueueFiles:
    """Reads and writes the queue. One studio at a time has it.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; the folder around it exists.

    Raises
    ------
    BusyError
        If another studio has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for one in (folder, folder / "waiting", folder / "running", folder / "locks"):
            make_subfolder(one)
        self._held = open_lock_file(folder / "lock", ConfigError)
        try:
            locks.lock(self._held)
        except OSError as error:
            os.close(self._held)
            if not locks.is_held(error):
                with storage(folder):
                    raise
            raise BusyError(
                f"{shown(folder.parent.parent)}: expected runs without another studio, found one that shares "
                "them; stop it, or choose another folder with --runs"
            ) from error
        for one in (folder, folder / "waiting", folder / "running"):
            sweep(one)  # what a killed studio had not finished

    def waiting(self) -> list[Entry]:
        """Return the trainings that wait."""
        return [replace(entry, begun=0.0) for entry in self._entries("waiting")]

    def running(self) -> list[Entry]:
        """Return the trainings that were begun and have not been seen to end."""
        return [*self._entries("running")]

    def served(self) -> dict[str, int]:
        """Return when each user's latest training began, see `in_order`."""
        path = self._folder / "served.json"
        found = read_json(path, max_bytes=_MOST_BYTES) if path.is_file() else {}
        return {str(name): int(turn) for name, turn in found.items()}

    def add(self, entry: Entry) -> None:
        """Add a training that waits."""
        self._write(self._path("waiting", entry), asdict(entry))

    def begin(self, entry: Entry, served: Mapping[str, int]) -> None:
        """Note that a training begins. It is in one of the two folders at every moment."""
        self._write(self._path("waiting", entry), asdict(entry))
        with storage(self._folder):
            os.replace(self._path("waiting", entry), self._path("running", entry))
        self._write(self._folder / "served.json", served)

    def put_back(self, entry: Entry) -> None:
        """Note that a training waits again."""
        self._write(self._path("running", entry), asdict(entry))
        with storage(self._folder):
            os.replace(self._path("running", entry), self._path("waiting", entry))

    def remove(self, entry: Entry) -> None:
        """Forget a training that has ended, or does not wait any more."""
        with storage(self._folder):
            for kind in ("waiting", "running"):
                self._path(kind, entry).unlink(missing_ok=True)
            self._lock_path(entry.name).unlink(missing_ok=True)

    def lock(self, name: str) -> int:
        """Return the descriptor of a lock that a training's process is to inherit.

        The system releases the lock when all processes that have the descriptor have ended. So it tells
        whether the training goes on, also when this studio was killed between any two steps.
        """
        descriptor = open_lock_file(self._lock_path(name), ConfigError)
        with storage(self._folder):
            locks.lock(descriptor)
        return descriptor

    def goes_on(self, name: str) -> bool:
        """Return whether a process has inherited the lock of a training and has not ended."""
        if not self._lock_path(name).is_file():
            return False
        descriptor = open_lock_file(self._lock_path(name), ConfigError)
        try:
            locks.lock(descriptor)
        except OSError as error:
            if locks.is_held(error):
                return True
            with storage(self._folder):
                raise
        finally:
            os.close(descriptor)
        return False

    def _entries(self, kind: str) -> Iterator[Entry]:
        for path in whole_files(self._folder / kind, "*.json"):
            yield Entry(**read_json(path, max_bytes=_MOST_BYTES))

    def _path(self, kind: str, entry: Entry) -> Path:
        return self._folder / kind / f"{entry.number:010d}.json"

    def _lock_path(self, name: str) -> Path:
        return self._folder / "locks" / f"{name.replace('/', '~')}.lock"

    @staticmethod
    def _write(path: Path, values: Any) -> None:
        write_atomically(path, dump_json(values))
