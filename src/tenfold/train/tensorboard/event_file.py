"""One event file: records that TensorBoard reads while they are being written."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.record_writer import masked_crc32c

from tenfold.files import create, make_subfolder
from tenfold.train.tensorboard.installed import PREFIX


class EventFile:
    """A new event file in a folder, written without a thread, so that a full disk raises an error at once.

    tensorboardX's own writer has a thread; if that ends on a full disk, the next write blocks for ever.

    Parameters
    ----------
    folder : Path
        Created if it does not exist. The files in it are one *run* for TensorBoard.
    first_step : int
        Supersedes what older files of the folder say about this step and later ones: a resumed run
        writes these again.

    Raises
    ------
    OSError
        If the file cannot be made or written; so do all methods but `close`.
    """

    def __init__(self, folder: Path, first_step: int) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_subfolder(folder)
        seconds, nanoseconds = divmod(time.time_ns(), 10**9)
        self._file: BinaryIO = create(folder / f"{PREFIX}{seconds:010d}.{nanoseconds:09d}")
        try:
            self._write(file_version="brain.Event:2")
            self._write(step=first_step, session_log=SessionLog(status=SessionLog.START))
            self.flush()
        except OSError:
            self.close()
            raise

    def add(self, step: int, values: Iterable[Any]) -> None:
        """Write values (``Summary.Value``) of a step."""
        self._write(step=step, summary=Summary(value=list(values)))

    def add_graph(self, graph: Any) -> None:
        """Write a ``GraphDef``."""
        self._write(graph_def=graph.SerializeToString())

    def flush(self) -> None:
        """Flush the file, so that TensorBoard sees its records."""
        self._file.flush()

    def close(self) -> None:
        """Close the file; records that cannot be written are lost."""
        try:
            self._file.close()
        except OSError:
            return  # the file is closed nevertheless

    def _write(self, **content: Any) -> None:
        """Write a record: length, its checksum, the event, its checksum (the TFRecord format)."""
        event = Event(wall_time=time.time(), **content).SerializeToString()
        length = struct.pack("<Q", len(event))
        self._file.write(length + _checksum(length) + event + _checksum(event))


def _checksum(content: bytes) -> bytes:
    return struct.pack("<I", masked_crc32c(content))
