"""The audit log: who did what, one JSON object in each line, never a token."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from tenfold.files import append_to, storage

MOST_BYTES = 1 << 20
"""Of a file; then it is renamed and another one begun."""

KEPT = 4
"""Older files that are kept: ``audit.jsonl.1`` is the newest of them."""

_OWNER = 0o600


class AuditLog:
    """Appends lines to a file, which only its owner can read.

    Parameters
    ----------
    path : Path
    most_bytes : int
    """

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path, self._most = path, most_bytes
        self._lock = threading.Lock()

    def add(self, user: str, action: str, run: str | None = None) -> None:
        """Add what a user did, and with which run.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "user": user, "action": action, "run": run}).encode() + b"\n"
        with self._lock, storage(self._path):
            if self._path.is_file() and self._path.stat().st_size + len(line) > self._most:
                self._rotate()
            with append_to(self._path, mode=_OWNER) as file:
                file.write(line)

    def _rotate(self) -> None:
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{i + 1}") for i in range(KEPT))]
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            if newer.exists():
                os.replace(newer, older)
