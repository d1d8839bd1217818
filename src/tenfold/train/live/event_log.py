"""The events of a run as JSON lines, which other processes read while they are written."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenfold.files import append_to, make_subfolder, storage

LIVE = "live"
"""The folder of the events, in a run's folder."""

EVENTS = "events.jsonl"


class EventLog:
    """Adds events to a file, each a line of JSON with its ``kind`` and its ``time``.

    Parameters
    ----------
    folder : Path
        Made if it does not exist. A resumed run adds to the file that is there.

    Raises
    ------
    StorageError
        If it cannot be written; so does `add`.
    """

    def __init__(self, folder: Path) -> None:
        make_subfolder(folder)
        self.folder, self._path = folder, folder / EVENTS
        with storage(self._path), append_to(self._path) as file:
            if file.tell():
                file.write(b"\n")  # a killed process may have left half a line

    def add(self, kind: str, **values: Any) -> None:
        """Add an event; a number that is not finite becomes null."""
        line = json.dumps(finite({"kind": kind, "time": round(time.time(), 3), **values}), allow_nan=False)
        with storage(self._path), append_to(self._path) as file:
            file.write(line.encode() + b"\n")


def finite(value: Any) -> Any:
    """Return JSON values with null in place of NaN and infinity, which JSON does not have.

    Examples
    --------
    >>> finite({"loss": [1.5, float("inf")]})
    {'loss': [1.5, None]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(one) for one in value]
    return value
